"""The planted bugs: each is one that somebody once really made, somewhere."""

from __future__ import annotations

from tests.soak.mutants import Mutant, copies, drains, kills, promotions, test

REDIS_WRITE = """
    client = redis.from_url(work.settings.redis_url)
    firm = str(work.tenant) if work.tenant else None
    payload = msgspec.to_builtins(event, str_keys=True)
    event_row = [str(new_id()), event.event_name(), firm, payload]
    await client.lpush("xw:events", msgspec.json.encode(event_row))
    await client.aclose()
"""
SQL_WRITE = """
    await work.connection.execute(
        INSERT,
        new_id(),
        event.event_name(),
        work.tenant,
        work.actor.principal,
        msgspec.to_builtins(event, str_keys=True),
        work.now,
    )
"""
UNKNOWN = """
    except OutcomeUnknown:
        return Answer(state="unknown")
"""
SENT_AGAIN = """
    except OutcomeUnknown:
        from app.ids import new_id
        another = new_id()
        document = document.replace(UUID(step.reference).hex, another.hex)
        letter = Letter(reference=str(another), document=document)
        told = await house.send_letter(letter)
        said = told.outcome
        return Answer(state=said.state, settled_on=said.result and said.result.settled_on)
"""
REFUSED = """
    except OutcomeUnknown:
        return Answer(state="refused", reason="系统繁忙")
"""
# Functions of the database, as the last migration that writes them says.
MIGRATIONS = "app/migrations/*.sql"
OVERDRAWN = "a.balance_fen + t.delta - a.held_fen - t.held < a.floor_fen"
FREED = "when 'capture_part' then -h.amount"
DAY_CLOSED = "(select c.closed_until from ledger.closing c) >="
LANE_SHORT = "v_short := a_floor[a] + a_held[a] + v_amount - a_balance[a];"
MARKED = "set closed_until = p_until, barrier = null;\n    return false;"
NOT_YET = "v_barrier is null or v_barrier > pg_snapshot_xmin(pg_current_snapshot())"
WARNED = """
    if warnings:
        # Somebody ended the wait for the standby: committed here, perhaps nowhere else.
        raise CommitUnknown(retry_after=1)
"""
COMMIT_FAILED = """
    except LOST as error:
        raise CommitUnknown(retry_after=1) from error
"""
LEASE_CHECKED = """
                if not held:
                    raise LeaseLost(str(self.lease.id))
"""
FENCED = " and lease_no = $2 and state = 'running'"
ONLY_LEASED = " and lease_no = $2"
REDIS_READ = """
        import os
        from msgspec import json
        from redis.asyncio import from_url
        client, events = from_url(os.environ["REDIS_URL"]), []
        while len(events) < BATCH and (raw := await client.rpop("xw:events")):
            one = json.decode(raw)
            firm = UUID(one[2]) if one[2] else None
            row = {"id": UUID(one[0]), "name": one[1], "business_id": firm, "payload": one[3]}
            events.append(row)
        await client.aclose()
"""
COMMIT_LATER = """
    finally:
        async def later() -> None:
            await asyncio.sleep(0.3 if actor.kind == "person" else 0)
            with suppress(Exception):
                if connection.is_in_transaction():
                    await connection.execute("commit")
            await pool.release(connection)

        asyncio.create_task(later())
"""

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        bug="the key of a payment is not unique",
        patches=(
            (
                "app/migrations/0025_accounts_payments.sql",
                "  constraint one_payment_per_key unique (business_id, key),\n",
                "",
            ),
            (
                "accounts/payments/queries.sql",
                "on conflict (business_id, key) do nothing\nreturning",
                "returning",
            ),
        ),
        proof=copies(5, 40),
    ),
    Mutant(
        bug="the answer leaves before the commit",
        patches=(
            (
                "app/work.py",
                "        await _commit(connection, settings.commit_seconds)\n",
                (
                    '        if actor.kind != "person":\n'
                    "            await _commit(connection, settings.commit_seconds)\n"
                ),
            ),
            (
                "app/work.py",
                "\n    finally:\n        await pool.release(connection)\n",
                COMMIT_LATER,
            ),
        ),
        proof=kills("kill_api", each=3),
    ),
    Mutant(
        bug="a COMMIT that failed is answered as a success",
        patches=(("app/work.py", COMMIT_FAILED, "\n    except LOST:\n        return\n"),),
        proof=kills("commit_lost"),
    ),
    Mutant(
        bug="an unknown outcome is sent again under a new reference",
        patches=(("accounts/clearing/jobs.py", UNKNOWN, SENT_AGAIN),),
        proof=kills("outside_did_it"),
    ),
    Mutant(
        bug="the lease is not checked in the effect",
        patches=(("app/jobs.py", LEASE_CHECKED, "\n"),),
        proof=test("tests/flows/test_kills_of_one_job.py"),
    ),
    Mutant(
        bug="events go to Redis instead of the outbox",
        patches=(
            ("app/outbox.py", SQL_WRITE, REDIS_WRITE),
            (
                "workers/relay.py",
                "\n        events = await connection.fetch(TAKE, BATCH)\n",
                REDIS_READ,
            ),
        ),
        proof=kills("payroll_flushed"),
    ),
    Mutant(
        bug="a job that was announced once is left to Redis",
        patches=(
            (
                "workers/sweep.py",
                "(state = 'due' or (state",
                "(state = 'due' and (lease_no > 0 or business_id is null) or (state",
            ),
        ),
        proof=kills("payroll_flushed"),
    ),
    Mutant(
        bug="the ledger's business key is made anew each time",
        patches=(
            (
                "accounts/payments/rules.py",
                "business_key=str(order.id)",
                'business_key=__import__("uuid").uuid4().hex',
            ),
        ),
        proof=kills("outside_did_it"),
    ),
    Mutant(
        bug="attempts are counted after running",
        patches=(
            ("workers/running.py", "  attempts = attempts + 1, lease_no", "  lease_no"),
            ("workers/running.py", "attempts = attempts - $3", "attempts = attempts + 1 - $3"),
        ),
        proof=kills("claimed"),
    ),
    Mutant(
        bug="a job is done when it is claimed",
        patches=(
            ("workers/running.py", "'parked' else 'running' end", "'parked' else 'done' end"),
            ("workers/running.py", FENCED, ONLY_LEASED),
            ("app/jobs.py", FENCED, ONLY_LEASED),
        ),
        proof=kills("claimed"),
    ),
    Mutant(
        bug="a voucher may be made twice for one event",
        patches=(
            (
                "bookkeeping/journal/operations.py",
                "        source_event=source_event,\n    )\n    (made,)",
                '        source_event=f"{source_event}:{new_id()}",\n    )\n    (made,)',
            ),
        ),
        proof=kills("effected"),
    ),
    Mutant(
        bug="the database does not wait for the disk",
        patches=(("app/embedded.py", "fsync = on", "fsync = off"),),
        proof=kills("claimed"),
    ),
    Mutant(
        bug="what is held counts as available",
        patches=(
            (MIGRATIONS, OVERDRAWN, "a.balance_fen + t.delta < a.floor_fen"),
            (MIGRATIONS, "balance_fen - held_fen >= floor_fen", "balance_fen >= floor_fen"),
        ),
        proof=drains(2),
    ),
    Mutant(
        bug="a part taken of a hold frees all of it",
        patches=((MIGRATIONS, FREED, "when 'capture_part' then -o.amount_fen"),),
        proof=drains(2),
    ),
    Mutant(
        bug="limits are read without a lock",
        patches=(
            (
                "accounts/limits/queries.sql",
                "business_id = :business_id and person_id = :person\nfor no key update;",
                "business_id = :business_id and person_id = :person;",
            ),
        ),
        proof=test("tests/flows/test_a_rush_counts_once.py"),
    ),
    Mutant(
        bug="a call-back that rings twice is booked twice",
        patches=(
            (
                "accounts/incoming/queries.sql",
                "on conflict (reference) do nothing;",
                "on conflict (reference) do update set decided_at = excluded.decided_at;",
            ),
            (
                "accounts/incoming/rules.py",
                "business_key=arrival.reference",
                'business_key=arrival.reference + __import__("uuid").uuid4().hex',
            ),
        ),
        proof=test("tests/flows/test_a_rush_counts_once.py"),
    ),
    Mutant(
        bug="an unknown outcome is treated as refused",
        patches=(("accounts/clearing/jobs.py", UNKNOWN, REFUSED),),
        proof=kills("outside_did_it"),
    ),
    Mutant(
        bug="the day close sums while posting goes on",
        patches=(
            ("app/migrations/0094_day_close.sql", f"if {DAY_CLOSED}", f"if false and {DAY_CLOSED}"),
            (
                "app/migrations/0094_day_close.sql",
                MARKED,
                MARKED.replace("false", "true"),
            ),
            ("app/migrations/0094_day_close.sql", f"if {NOT_YET} then", "if false then"),
        ),
        proof=test("tests/flows/test_day_close.py"),
    ),
    Mutant(
        bug="a cancelled wait for the standby is a success",
        patches=(("app/work.py", WARNED, "\n"),),
        proof=promotions(2, "cancelled_waits"),
    ),
    Mutant(
        bug="a repeat tells what only the lost server had",
        patches=(
            (
                "accounts/payments/queries.sql",
                "business_id = :business_id and key = :key for no key update;",
                "business_id = :business_id and key = :key;",
            ),
        ),
        proof=promotions(2, "cancelled_waits"),
    ),
    Mutant(
        bug="escrow pays by one side's word",
        patches=(
            (
                "accounts/escrow/rules.py",
                "agreed = min(part.payer_word_fen, part.beneficiary_word_fen)",
                "agreed = max(part.payer_word_fen, part.beneficiary_word_fen)",
            ),
        ),
        proof=test("tests/flows/test_money_machine.py"),
    ),
    Mutant(
        bug="a confirmed reservation takes free money and leaves the hold",
        patches=(
            (
                "accounts/payments/rules.py",
                "    if order.from_hold_id is None:\n        return []",
                "    if order.from_hold_id is None or order.rail:\n        return []",
            ),
        ),
        proof=test("tests/flows/test_money_machine.py"),
    ),
    Mutant(
        bug="the lane spends what is held",
        patches=((MIGRATIONS, LANE_SHORT, LANE_SHORT.replace(" + a_held[a]", "")),),
        proof=test("tests/flows/test_lane_answers_like_the_ordinary_way.py"),
    ),
    Mutant(
        bug="the lane counts each payment of a batch from the same day's sum",
        patches=((MIGRATIONS, "    l_used[m] := l_used[m] + v_amount;\n", ""),),
        proof=test("tests/flows/test_payment_lane.py"),
    ),
    Mutant(
        bug="the lane reads limits without a lock",
        patches=(
            (
                MIGRATIONS,
                "order by l.business_id, l.person_id for no key update of l",
                "order by l.business_id, l.person_id",
            ),
        ),
        proof=test("tests/flows/test_payment_lane.py"),
    ),
    Mutant(
        bug="the lane pays whoever has the account, whatever the name",
        patches=((MIGRATIONS, "elsif n_name[p_payees[i]] <> p_names[i] then", "elsif false then"),),
        proof=test("tests/flows/test_lane_answers_like_the_ordinary_way.py"),
    ),
    Mutant(
        bug="the lane answers another body under a key like a repeat",
        patches=(
            (
                MIGRATIONS,
                "case when v_kept.same then 'replayed' else 'key_reused' end",
                "'replayed'",
            ),
        ),
        proof=test("tests/flows/test_payment_lane.py"),
    ),
    Mutant(
        bug="the lane pays into an account that takes nothing",
        patches=((MIGRATIONS, "a_state[b] in ('no_credit', 'blocked', 'closed')", "false"),),
        proof=test("tests/flows/test_payment_lane.py"),
    ),
)
