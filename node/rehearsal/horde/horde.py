"""The AI Horde's state: who may take which job, what it is worth, and who becomes suspicious."""

from __future__ import annotations

import email.utils
import uuid
from collections import Counter
from collections.abc import Mapping

from node.clock import Clock
from node.rehearsal.horde.admission import check_in
from node.rehearsal.horde.bodies import read_pop, read_submit
from node.rehearsal.horde.people import User, Worker
from node.rehearsal.horde.refusals import Refused, not_found
from node.rehearsal.horde.rules import ANONYMOUS, VALIDATED_BACKENDS, Rules
from node.rehearsal.horde.selection import choose
from node.rehearsal.horde.value import counted, fastest_allowed, reward_cents
from node.rehearsal.horde.work import DEFAULTS, Job, Request

REFERENCE: Mapping[str, int] = {
    name: parameters
    for organisation, model, parameters in (
        ("HuggingFaceTB", "SmolLM2-135M-Instruct", 135_000_000),
        ("test", "test-llm-7b", 7_000_000_000),
        ("mistralai", "Mistral-Nemo-Instruct-2407", 12_000_000_000),
        ("meta-llama", "Llama-3.3-70B-Instruct", 70_000_000_000),
        ("mistralai", "Mixtral-8x7B-Instruct-v0.1", 47_000_000_000),
    )
    for name in (f"{organisation}/{model}", f"aphrodite/{organisation}/{model}", f"koboldcpp/{model}")
}
"""Parameters of the models that the network knows, by each spelling of their names."""


class Horde:
    """All of it, in memory.

    Attributes:
        refuse_pops: an error with which every pop is refused, such as those about addresses; None for none.
        image_workers: names that workers of another kind have.
        invite_only: whether new workers need an invitation. modes: as ``/status/modes`` tells them.
    """

    def __init__(self, clock: Clock, rules: Rules | None = None, reference: Mapping[str, int] = REFERENCE) -> None:
        self.clock = clock
        self.rules = rules or Rules()
        self.reference = reference
        self.users: dict[str, User] = {}
        self.workers: dict[str, Worker] = {}
        self.requests: list[Request] = []
        self.jobs: dict[str, Job] = {}
        self.messages: list[dict[str, object]] = []
        self.image_workers: set[str] = set()
        self.refuse_pops: Refused | None = None
        self.invite_only = False
        self._cleaned = clock.monotonic()
        self.join("Anonymous", ANONYMOUS)

    # People

    def join(self, alias: str, key: str, *, trusted: bool = False, moderator: bool = False, days: float = 0.0) -> User:
        """Open an account that is so many days old."""
        created = self.clock.monotonic() - days * 86_400
        user = User(f"{alias}#{len(self.users)}", key, created, trusted=trusted, moderator=moderator)
        self.users[key] = user
        return user

    def revoke(self, key: str) -> None:
        """The key is worth nothing any more; a new one has been given to the account."""
        user = self.users.pop(key)
        user.key = uuid.uuid4().hex
        self.users[user.key] = user

    def say(self, message: str) -> None:
        """A moderator's message to all workers."""
        expiry = self.clock.wall_ns() / 1e9 + self.rules.message_lives
        told = email.utils.formatdate(expiry)
        self.messages.append({"id": str(uuid.uuid4()), "message": message, "origin": "moderator", "expiry": told})

    def user_of(self, key: str) -> User:
        """
        Raises:
            Refused: nobody has this key.
        """
        if key not in self.users:
            raise Refused(401, "InvalidAPIKey", "No user matching sent API Key")
        user = self.users[key]
        user.settle(self.clock.monotonic())
        return user

    # Clients

    def ask(self, key: str, prompt: str, params: Mapping[str, object], **wants: object) -> Request:
        """A client's request, in the words of ``POST /generate/text/async``."""
        now = self.clock.monotonic()
        models = wants.get("models")
        workers = wants.get("workers")
        amount = params.get("n", 1)
        request = Request(
            user=self.user_of(key),
            prompt=prompt,
            params=params,
            models=tuple(models) if isinstance(models, list | tuple) else (),
            workers=tuple(workers) if isinstance(workers, list | tuple) else (),
            made=now,
            touched=now,
            left=amount if isinstance(amount, int) else 1,
            trusted_workers=bool(wants.get("trusted_workers", False)),
            validated_backends=bool(wants.get("validated_backends", False)),
            slow_workers=bool(wants.get("slow_workers", True)),
        )
        self.requests.append(request)
        return request

    def cancel(self, request_id: str) -> Request:
        """A client loses interest; workers are not told."""
        request = self.find_request(request_id)
        request.cancelled, request.left = True, 0
        return request

    def find_request(self, request_id: str) -> Request:
        """
        Raises:
            Refused: there is none.
        """
        for request in self.requests:
            if request.id == request_id:
                request.touched = self.clock.monotonic()
                return request
        raise not_found("RequestNotFound", f"Request with ID '{request_id}' not found.")

    # Workers

    def pop(self, key: str, body: Mapping[str, object]) -> dict[str, object]:
        """``POST /generate/text/pop``.

        Raises:
            Refused: as the protocol's table has it.
        """
        self.clean()
        asked = read_pop(body)
        user = self.user_of(key)
        worker = check_in(self, user, asked)
        skipped: Counter[str] = Counter()
        found = choose(self, worker, asked, skipped)
        if found is None:
            if worker.flagged_maintenance:
                raise Refused(403, "WorkerFlaggedMaintenance", "This worker has been flagged by the moderators")
            if worker.maintenance:
                raise Refused(403, "WorkerMaintenance", worker.maintenance_message or "This worker is in maintenance")
            return self._answer(None, [], worker, skipped)
        taken = 1 if worker.paused else min(asked.amount, found.left)
        now = self.clock.monotonic()
        model = next((name for name in asked.models if not found.models or name in found.models), asked.models[0])
        jobs = [Job(found, worker, model, now, fake=worker.paused) for _ in range(taken)]
        self.jobs.update({job.id: job for job in jobs})
        if worker.paused:
            worker.offered.add(found.id)
        else:
            found.left -= taken
        return self._answer(found, jobs, worker, skipped)

    def submit(self, key: str, body: Mapping[str, object]) -> float:
        """``POST /generate/text/submit``: the reward in kudos.

        Raises:
            Refused: as the protocol's table has it.
            KeyError: nobody has this key; the server answers with 500.
        """
        self.clean()
        given = read_submit(body)
        job = self.jobs.get(given.id)
        if job is None:
            raise not_found("InvalidJobID", f"Processing Generation with ID {given.id} does not exist.")
        user = self.users[key]
        if user is not job.worker.owner:
            raise Refused(403, "WrongCredentials", "Wrong credentials to submit as this worker")
        if job.state == "aborted":
            raise Refused(400, "AbortedGen", f"Processing Generation with ID {given.id} took too long to process")
        if job.state != "running":
            raise Refused(400, "DuplicateGen", f"Processing Generation with ID {given.id} already submitted")
        job.state = given.state
        if given.state == "faulted":
            self._fault(job)
            return 0.0
        cents = self.worth(job, given.generation)
        if job.fake:
            job.worker.faked += 1
        else:
            self._deliver(job, given.generation, cents)
        return cents / 100

    def worth(self, job: Job, generation: str) -> int:
        """What this answer to this job brings, in hundredths of kudos."""
        return reward_cents(
            answer=len(generation),
            prompt=len(job.request.prompt),
            max_length=job.request.max_length,
            billions=self.billions(job.model),
            validated=job.worker.backend in VALIDATED_BACKENDS,
            trusted=job.worker.owner.trusted,
        )

    def billions(self, model: str) -> float | None:
        """Parameters of a model that the network knows, in billions; its name may be branded ``NAME::alias#id``."""
        parameters = self.reference.get(model.split("::", 1)[0])
        return None if parameters is None else parameters / 1e9

    def find_worker(self, *, name: str | None = None, worker_id: str | None = None) -> Worker:
        """
        Raises:
            Refused: there is none.
        """
        for worker in self.workers.values():
            if worker.id == worker_id or (name is not None and worker.name == name):
                return worker
        raise not_found("WorkerNotFound", f"Worker {name or worker_id} not found.")

    def clean(self) -> None:
        """What the server's cleaner does once a minute."""
        now = self.clock.monotonic()
        if now - self._cleaned < self.rules.cleaning:
            return
        self._cleaned = now
        for job in self.jobs.values():
            if job.state == "running" and now - job.popped > self.rules.ttl:
                job.state = "aborted"
                if not job.fake:
                    self._give_back(job)
        for request in self.requests:
            request.faulted = request.faulted or request.faults >= 3
        kept = [request for request in self.requests if now - request.touched <= self.rules.request_lives]
        gone = {request.id for request in self.requests} - {request.id for request in kept}
        self.requests = kept
        self.jobs = {name: job for name, job in self.jobs.items() if job.request.id not in gone}

    # Inside

    def _answer(
        self, request: Request | None, jobs: list[Job], worker: Worker, skipped: Counter[str]
    ) -> dict[str, object]:
        hidden = {} if worker.paused else dict(skipped)
        now = self.clock.wall_ns() / 1e9
        messages = [
            message
            for message in self.messages
            if email.utils.parsedate_to_datetime(str(message["expiry"])).timestamp() > now
        ]
        return {
            "payload": dict(DEFAULTS) if request is None else request.payload(),
            "id": jobs[0].id if jobs else None,
            "ids": [job.id for job in jobs],
            "messages": messages,
            "ttl": round(self.rules.ttl) if jobs else None,
            "extra_source_images": None,
            "skipped": hidden,
            "softprompt": None,
            "model": jobs[0].model if jobs else None,
        }

    def _deliver(self, job: Job, generation: str, cents: int) -> None:
        now, worker, owner, request = self.clock.monotonic(), job.worker, job.worker.owner, job.request
        tokens = counted(len(generation), request.max_length)
        speed = tokens / max(1e-6, now - job.popped)
        worker.samples.append(speed)
        worker.paid[job.id] = cents
        owner.fulfilled += 1
        owner.tokens += tokens
        owner.earn(cents, now, self.rules)
        if job.state == "ok":
            request.user.credit(-cents - 100, now + self.rules.ledger)
        text = generation if job.state == "ok" else ""
        request.answers.append({"text": text, "worker_name": worker.name, "model": job.model, "state": job.state})
        billions = self.billions(job.model)
        if not owner.trusted and billions is not None and speed > fastest_allowed(job.model, billions):
            worker.suspect(2 if speed > 150 else 1, self.rules)
        owner.consider_trust(now, self.rules)

    def _fault(self, job: Job) -> None:
        if not job.fake:
            self._give_back(job)

    def _give_back(self, job: Job) -> None:
        job.worker.drop(self.clock.monotonic(), self.rules)
        job.request.faults += 1
        if not job.request.cancelled:
            job.request.left += 1
