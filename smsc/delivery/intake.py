"""The one way in: every door's submission gets its verdict here, and its place on the page.

Deciding is pure and done at once; an accepted submission is answered when its page is durable,
a refused one right away. Nothing here waits.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec

from smsc.clock import Clock
from smsc.delivery import admission
from smsc.delivery.admission import Bounds, uncarried
from smsc.delivery.amendments import BEHIND, Amendments
from smsc.delivery.antechamber import Antechamber, Caller
from smsc.delivery.content import content
from smsc.delivery.counting import Counting
from smsc.delivery.directory import Directory, Need, Terms, Unread
from smsc.delivery.everyday import Everyday
from smsc.delivery.exits import Exits
from smsc.delivery.ledger import STORE_FAILED, Ledger
from smsc.delivery.line import Waiting
from smsc.delivery.price import Price, in_parts, once
from smsc.delivery.scheduler import Scheduler
from smsc.delivery.submission import Submission, Submitter
from smsc.delivery.superseding import LetIn
from smsc.delivery.transient import transient
from smsc.journal import Journal
from smsc.message import Message, to_device, to_links
from smsc.smpp.commands import ESM_UDHI
from smsc.store.store import CountStore
from smsc_encodings.interworking import ONE_PART
from smsc_routing import number
from smsc_routing.calendar_quota import Key
from smsc_routing.decision import (
    Question,
    Reason,
    Verdict,
    asked,
    counted,
    decide,
    explain,
    limited,
    restricted,
)
from smsc_routing.explanation import Step, Steps
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets
from smsc_routing.routes import Departure
from smsc_routing.rules import look_at_text
from smsc_routing.traffic import Party, Target, Traffic
from smsc_routing.train import Trains


class _Case(NamedTuple):
    """A submission about which all is known that a decision looks at."""

    submission: Submission
    question: Question
    destination: str
    """The queue it would join, if it stays on the platform."""
    price: Price
    departure: Departure | None = None
    """What routes are asked about it, if it leaves."""


class Intake:
    """Lets submissions in, or says why not."""

    def __init__(
        self,
        directory: Directory,
        scheduler: Scheduler,
        ledger: Ledger,
        amendments: Amendments,
        clock: Clock,
        journal: Journal,
        bounds: Bounds,
        counts: CountStore,
        exits: Exits,
    ) -> None:
        """Grant what is within these bounds, and within quotas that this store counts.

        What leaves the platform has to find an exit.
        """
        self._directory = directory
        self._scheduler = scheduler
        self._ledger = ledger
        self._amendments = amendments
        self._clock = clock
        self._journal = journal
        self._bounds = bounds
        self._counting = Counting(counts, ledger)
        self._counts = ledger.counts
        self._exits = exits
        self.everyday = Everyday(directory, ledger.number, bounds.validity)
        self._buckets = Buckets()
        self._trains = Trains()
        self.antechamber = Antechamber(self._read, ledger.weights)
        """Where those wait for whom something must be read."""
        amendments.follow = self.antechamber.follow

    @property
    def fill(self) -> float:
        """How full we are of what isn't durable yet; from 1 on nobody is let in."""
        return max(self._ledger.fill, self.antechamber.fill)

    def submit(self, submission: Submission, submitter: Submitter, token: int) -> None:
        """Decide, and answer the submitter: refused at once, accepted when it is durable.

        A datagram is accepted at once, a transaction when it is delivered.
        """
        if not (self._ledger.open and self.antechamber.open):
            again = partial(self._submit, submission, submitter, token)
            if self._held_up(submission, again, submitter, (token,)):
                return
        self._submit(submission, submitter, token)

    def _submit(self, submission: Submission, submitter: Submitter, token: int) -> None:
        now = self._clock.now()
        try:
            if self.antechamber.groups:
                self.antechamber.stop(submission.account)
            message = None if self._ledger.failing else self.everyday.message(submission, now)
            if message is not None:
                self._journal.submits[_EVERYDAY] += 1
                self._ledger.owe(submitter, token, message.id)
                self._scheduler.place(message)
                return
            case = self._case(submission, now)
        except Unread as unread:
            again = partial(self._submit, submission, submitter, token)
            self._wait(unread.needs, again, submitter, submission.account, (token,))
            return
        verdict, message = self._judge(case, now)
        self._journal.submits[verdict.traffic or "none", verdict.reason] += 1
        if message is None:
            submitter.refused(token, verdict)
            return
        if submission.replace and not transient(message.esm_class):
            let_in = LetIn(token, message, verdict.increments)
            self._amendments.supersede([let_in], submitter)
            return
        if verdict.increments:
            self._ledger.page.count(message.id, verdict.increments)
        if message.esm_class and transient(message.esm_class):
            self._carry([LetIn(token, message)], submitter)
            return
        self._ledger.owe(submitter, token, message.id)
        self._scheduler.place(message)

    def submit_group(self, submissions: Sequence[Submission], submitter: Submitter) -> None:
        """Decide on what one submitter sends to several, each under its index as the token.

        All that are accepted become durable together, and then the submitter is told of each and
        flushed once. Their ids follow one another, and all go by the first of them. What isn't
        stored has its one attempt each, and the submitter is told as that ends.
        """
        if not (self._ledger.open and self.antechamber.open):
            again = partial(self._submit_group, submissions, submitter)
            if self._held_up(submissions[0], again, submitter, range(len(submissions))):
                return
        self._submit_group(submissions, submitter)

    def _submit_group(self, submissions: Sequence[Submission], submitter: Submitter) -> None:
        now = self._clock.now()
        try:
            if self.antechamber.groups:
                self.antechamber.stop(submissions[0].account)
            cases = self._cases(submissions, now)
        except Unread as unread:
            again = partial(self._submit_group, submissions, submitter)
            account = submissions[0].account
            self._wait(unread.needs, again, submitter, account, range(len(submissions)))
            return
        accepted: list[LetIn] = []
        for token, case in enumerate(cases):
            verdict, message = self._judge(case, now)
            self._journal.submits[verdict.traffic or "none", verdict.reason] += 1
            if message is None:
                submitter.refused(token, verdict)
                continue
            if len(submissions) > 1:
                told_id = accepted[0].message.id if accepted else message.id
                message = msgspec.structs.replace(message, told_id=told_id)
            accepted.append(LetIn(token, message, verdict.increments))
        stored = not (accepted and transient(accepted[0].message.esm_class))
        if accepted and stored and submissions[0].replace:
            self._amendments.supersede(accepted, submitter)
            return
        for each in accepted:
            if each.increments:
                self._ledger.page.count(each.message.id, each.increments)
        if not stored:
            self._carry(accepted, submitter)
            return
        for token, message, _ in accepted:
            self._ledger.owe(submitter, token, message.id)
            self._scheduler.place(message)

    async def explain(self, submission: Submission) -> tuple[Verdict, Steps]:
        """Return the verdict that a submission would get now, and the steps to it.

        Charges and counts nothing. Raises StoreError if what it takes can't be read.
        """
        while True:
            now = self._clock.now()
            try:
                case = self._case(submission, now)
            except Unread as unread:
                await self.antechamber.read(unread.needs)
                continue
            if isinstance(case, Verdict):
                return case, [Step("admission", False, case.detail)]
            verdict, steps = explain(case.question, self._buckets, now, self._counts)
            if case.departure is not None:
                # What refuses is the last step, also if it is that there is no way out.
                at = len(steps) - (not verdict.accepted)
                steps[at:at] = self._exits.explain(case.departure, self._ledger.last_id + 1)
            return verdict, steps

    def _held_up(
        self,
        submission: Submission,
        again: Callable[[], None],
        submitter: Submitter,
        tokens: Sequence[int],
    ) -> bool:
        """Refuse what the store is behind with, or have it wait in line; False if neither."""
        account, ledger = submission.account, self._ledger
        if ledger.behind(account) or self.antechamber.full(account):
            if submission.esm_class and transient(submission.esm_class):
                return False
            self._journal.submits["none", BEHIND.reason] += len(tokens)
            for token in tokens:
                submitter.refused(token, BEHIND)
            return True
        if not ledger.line.stops(account) or ledger.failing:
            return False
        if submission.esm_class and transient(submission.esm_class):
            return False
        ledger.line.put(account, Waiting(again, submitter, len(submission.payload)))
        return True

    def charge(self, account: str, now: int) -> Verdict:
        """Charge an account for what goes another way, as a broadcast does: once, however long."""
        terms = self._directory.terms(account)
        question = Question(
            Party.APPLICATION,
            "",
            "",
            Target.DEVICE,
            account,
            terms.rates,
            source_owner=None,
            sender=None,
            receiver=_ANYBODY,
            has_home=True,
            server_rates=terms.server_rates,
        )
        return decide(question, self._buckets, now)

    def hurry(self) -> None:
        """Have what was submitted written soon: the submitter's batch is complete.

        While messages are on their way out, a page is worth sharing with what becomes of them.
        What isn't stored goes now: who is answered at once must not send faster than it goes.
        """
        if self._scheduler.transients:
            self._scheduler.run_out()
        if not self._scheduler.in_hand:
            self._ledger.hurry()

    def _carry(self, accepted: Sequence[LetIn], submitter: Submitter) -> None:
        """Send what isn't stored; if it was counted, its counts are on the page."""
        if self._ledger.page.counted:
            self._ledger.want()
        for token, message, _ in accepted:
            self._scheduler.carry(message, submitter, token)

    def _wait(
        self,
        needs: Sequence[Need],
        again: Callable[[], None],
        submitter: Submitter,
        account: str,
        tokens: Sequence[int],
    ) -> None:
        """Have submissions decided again when what they need has been read."""

        def refuse() -> None:
            for token in tokens:
                submitter.refused(token, STORE_FAILED)

        self.antechamber.wait(needs, Caller(again, refuse, submitter, account, len(tokens)))

    async def _read(self, needs: Sequence[Need]) -> None:
        """Read what some submissions need: devices, or counts of quotas."""
        numbers = [need for need in needs if isinstance(need, str)]
        if numbers:
            await self._directory.read(numbers)
        await self._counting.read(need for need in needs if isinstance(need, Key))

    def _cases(self, submissions: Sequence[Submission], now: int) -> "list[_Case | Verdict]":
        """Find out about each; raises `Unread` for all that must be read first."""
        cases: list[_Case | Verdict] = []
        needs: dict[Need, None] = {}
        for submission in submissions:
            try:
                cases.append(self._case(submission, now))
            except Unread as unread:
                needs.update(dict.fromkeys(unread.needs))
        if needs:
            raise Unread(*needs)
        return cases

    def _case(self, submission: Submission, now: int) -> "_Case | Verdict":
        """Find out all that a decision looks at, or why there is nothing to decide.

        Changes nothing. Raises `Unread` for what must be read first.
        """
        refusal = self._inadmissible(submission, now)
        if refusal is not None:
            return refusal
        terms, to = self._directory.terms(submission.account), submission.dest
        try:
            source = admission.sender(terms, submission.account, submission.source)
        except number.MalformedNumber as error:
            return Verdict(Reason.SOURCE_NOT_ALLOWED, detail=str(error))
        try:
            dest = terms.numbering.canonical(to.ton, to.npi, to.digits)
        except number.MalformedNumber as error:
            return Verdict(Reason.MALFORMED_NUMBER, detail=str(error))
        question, destination = self._question(submission, terms, source, dest)
        departure = None
        if question.target is Target.EXTERNAL and submission.party is not Party.LINK:
            departure = self._departure(submission, source, dest)
            leads_out = bool(self._exits.order(departure, 0))
            may_leave = terms.external or not submission.account
            question = question._replace(has_home=leads_out, external=may_leave)
        price = _ONE
        if len(submission.payload) > ONE_PART or submission.esm_class & ESM_UDHI:
            refusal = _uncarried(submission, question)
            if refusal is not None:
                return refusal
            price = self._price(submission, question, now)
            question = question._replace(cost=price.cost)
        if restricted(question):
            refusal = self._counting.uncountable(submission, counted(question, now))
            if refusal is not None:
                return refusal
            rules = asked(question)
            if rules:
                found = content(submission, look_at_text(rules))
                question = question._replace(content=found)
        return _Case(submission, question, destination, price, departure)

    def _judge(self, case: "_Case | Verdict", now: int) -> tuple[Verdict, Message | None]:
        """Reach the verdict, and charge and make the message if it is let in.

        The caller sees to it that its increments are written, or taken back.
        """
        if isinstance(case, Verdict):
            return case, None
        submission, question, destination, price, departure = case
        verdict = decide(question, self._buckets, now, self._counts)
        if not verdict.accepted:
            return verdict, None
        if verdict.increments:
            self._counts.add(verdict.increments)
        if price.train is not None:
            self._trains.let_in(price.train, price.sequence, now)
        message = self._message(submission, question.source, question.destination, destination, now)
        if submission.watch and question.target is Target.DEVICE:
            message = msgspec.structs.replace(message, watch=True)
        elif departure is not None:
            message = self._leaving(message, departure, submission.trail)
        return verdict, message

    def _inadmissible(self, submission: Submission, now: int) -> Verdict | None:
        """Check what needs no routing: our own state, sizes and times."""
        if submission.esm_class and transient(submission.esm_class):
            if submission.not_before:
                return admission.NOT_KEPT
            account, scheduler = submission.account, self._scheduler
            crowded = scheduler.full(account) or scheduler.transients.full(account)
            if crowded or self.antechamber.full(account):
                return admission.BUSY
        elif self._ledger.failing:
            return STORE_FAILED
        if submission.trail:
            round_trip = self._exits.going_round(submission.trail)
            if round_trip is not None:
                return Verdict(Reason.UNKNOWN_DESTINATION, detail=round_trip)
        refusal = admission.unfit(submission.payload, submission.esm_class, submission.data_coding)
        if refusal is not None:
            return refusal
        if not (submission.not_before or submission.expires_at):
            return None
        end = self._end(submission, now)
        return admission.untimely(
            submission.not_before, submission.expires_at, end, now, self._bounds.schedule
        )

    def _end(self, submission: Submission, now: int) -> int:
        latest = max(now, submission.not_before) + self._bounds.validity
        return min(submission.expires_at or latest, latest)

    def _question(
        self, submission: Submission, terms: Terms, source: str, dest: str
    ) -> tuple[Question, str]:
        """Find out who is at both ends; return also the queue the message would join."""
        directory, account = self._directory, submission.account
        owner = directory.owner(dest)
        receiver = directory.device(dest) if owner is None else None
        sender = directory.device(source) if submission.party is Party.DEVICE else None
        if receiver is not None:
            target, destination = Target.DEVICE, to_device(dest)
        else:
            short = terms.numbering.is_short_code(dest)
            if owner is None and short and sender is not None:
                owner = sender.deliver_to
            target = Target.SHORT_CODE if short or owner is not None else Target.EXTERNAL
            destination = directory.home(owner or "", dest)
        question = Question(
            submission.party,
            source,
            dest,
            target,
            account,
            terms.rates,
            directory.owner(source),
            sender,
            receiver,
            owner is not None,
            terms.server_rates,
            account_restrictions=terms.restrictions,
        )
        return question, destination

    def _departure(self, submission: Submission, source: str, dest: str) -> Departure:
        """Find out what routes look at; a device's own link goes before the one asked for."""
        own = self._directory.link_of(source) if submission.party is Party.DEVICE else ""
        return self._exits.departure(dest, source, submission.account, submission.link, own)

    def _leaving(self, message: Message, departure: Departure, trail: str) -> Message:
        """Put a message into the queue for the links that lead to its destination."""
        order = self._exits.order(departure, message.id)
        return msgspec.structs.replace(
            message,
            destination=to_links(order, message.account),
            link=departure.device_link or departure.asked_link,
            trail=self._exits.onward(trail),
        )

    def _price(self, submission: Submission, question: Question, now: int) -> Price:
        """Find out what a message counts for, if it comes under a limit and may be long."""
        if submission.party is Party.DEVICE or not limited(question):
            return _ONE
        account = submission.account
        if not account or not self._directory.terms(account).counts_messages:
            return in_parts(submission)
        return once(submission, question.source, question.destination, self._trains, now)

    def _message(
        self, submission: Submission, source: str, dest: str, destination: str, now: int
    ) -> Message:
        return Message(
            self._ledger.number(),
            submission.account,
            destination,
            admission.rewritten(submission.source, source),
            admission.rewritten(submission.dest, dest),
            submission.payload,
            now,
            self._end(submission, now),
            submission.not_before if submission.not_before > now else 0,
            submission.data_coding,
            submission.esm_class,
            submission.protocol_id,
            submission.priority,
            submission.registered_delivery,
            submission.service_type,
            user_reference=submission.user_reference,
            receipts_to=submission.receipts_to,
        )


def _uncarried(submission: Submission, question: Question) -> Verdict | None:
    if question.target is not Target.DEVICE:
        return None
    return uncarried(submission.payload, submission.esm_class, submission.data_coding)


_EVERYDAY: Final = (Traffic.A2P_MT, Reason.ACCEPTED)
_ONE: Final = Price(1)
_ANYBODY: Final = Policy()
