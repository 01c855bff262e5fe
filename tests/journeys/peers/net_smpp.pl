# Net::SMPP told what to do by lines of JSON on standard input; what it hears goes out the same way.
#
#   in:  {"do": "submit_sm", "with": {"destination_addr": "...", ...}}
#   out: {"heard": "submit_sm_resp", "pdu": {...}}
use strict;
use warnings;

use IO::Select;
use JSON::PP;
use Net::SMPP;

my ($host, $port) = @ARGV;
my %COMMANDS = (
    0x00000005 => 'deliver_sm',
    0x00000006 => 'unbind',
    0x00000015 => 'enquire_link',
    0x00000102 => 'alert_notification',
    0x00000103 => 'data_sm',
    0x80000000 => 'generic_nack',
    0x80000001 => 'bind_receiver_resp',
    0x80000002 => 'bind_transmitter_resp',
    0x80000003 => 'query_sm_resp',
    0x80000004 => 'submit_sm_resp',
    0x80000006 => 'unbind_resp',
    0x80000007 => 'replace_sm_resp',
    0x80000008 => 'cancel_sm_resp',
    0x80000009 => 'bind_transceiver_resp',
    0x80000015 => 'enquire_link_resp',
    0x80000021 => 'submit_multi_resp',
    0x80000103 => 'data_sm_resp',
);

$| = 1;
my $json = JSON::PP->new->ascii->canonical;
my $smpp = Net::SMPP->new_connect($host, port => $port, smpp_version => 0x34, async => 1)
    or die "no connection to $host:$port";
my $both = IO::Select->new(\*STDIN, $smpp);
my $held = '';

while (1) {
    for my $ready ($both->can_read) {
        if ($ready == $smpp) {
            hear();
        } else {
            sysread(STDIN, $held, 65536, length $held) or exit;
            obey($1) while $held =~ s/^(.*)\n//;
        }
    }
}

sub obey {
    my $order = $json->decode(shift);
    my $do = $order->{do};
    $smpp->$do(%{ $order->{with} // {} });
}

sub hear {
    my $pdu = $smpp->read_pdu or exit;
    my $name = $COMMANDS{ $pdu->{cmd} } // sprintf '0x%08x', $pdu->{cmd};
    my %fields = map { $_ => $pdu->{$_} } grep { $_ ne 'data' } keys %$pdu;
    # It names optional parameters by their tags' octets, and keeps those names twice.
    delete @fields{ grep { !/^\w+$/ } keys %fields };
    $smpp->deliver_sm_resp(seq => $pdu->{seq}, message_id => '') if $name eq 'deliver_sm';
    $smpp->data_sm_resp(seq => $pdu->{seq}, message_id => '') if $name eq 'data_sm';
    $smpp->enquire_link_resp(seq => $pdu->{seq}) if $name eq 'enquire_link';
    $smpp->unbind_resp(seq => $pdu->{seq}) if $name eq 'unbind';
    print $json->encode({ heard => $name, pdu => \%fields }), "\n";
}
