-- name: endpoints
-- The portal's endpoints; it has few.
select id, url, kinds, state, secret_sealed, old_secret_sealed, old_until, failures, quiet_until,
  made_at
from onboarding.callback_endpoints
where client_id = :client_id and state <> 'removed' order by id limit 50;

-- name: endpoint
-- One endpoint of the portal.
select id, url, kinds, state, secret_sealed, old_secret_sealed, old_until, failures, quiet_until,
  made_at
from onboarding.callback_endpoints where client_id = :client_id and id = :id;

-- name: lock_endpoint
-- One endpoint, kept from others until this work ends.
select id, url, kinds, state, secret_sealed, old_secret_sealed, old_until, failures, quiet_until,
  made_at
from onboarding.callback_endpoints where client_id = :client_id and id = :id for no key update;

-- name: lock_client
-- One change of a portal's endpoints at a time, so that there are never too many.
select pg_advisory_xact_lock(hashtextextended('callback_endpoints:' || :client_id::uuid::text, 0))::text;

-- name: add_endpoint
-- Where the portal wants to be told.
insert into onboarding.callback_endpoints (client_id, id, url, kinds, secret_sealed, made_at)
values (:client_id, :id, :url, :kinds::text[], :secret_sealed, :now);

-- name: change_endpoint
-- What it is told from now on; whoever activates it again starts with a clean slate.
update onboarding.callback_endpoints
set state = :state, kinds = :kinds::text[],
    failures = case when :state = 'active' then 0 else failures end,
    quiet_until = case when :state = 'active' then null else quiet_until end
where client_id = :client_id and id = :id and state <> 'removed';

-- name: rotate_secret
-- A new secret; the old one signs beside it for a while.
update onboarding.callback_endpoints
set old_secret_sealed = secret_sealed, old_until = :old_until, secret_sealed = :secret_sealed
where client_id = :client_id and id = :id and state <> 'removed';

-- name: note_success
-- The endpoint answers: it is no longer left in peace.
update onboarding.callback_endpoints set failures = 0, quiet_until = null
where client_id = :client_id and id = :id and failures > 0;

-- name: note_failure
-- One failure more in a row, and until when it is left in peace.
update onboarding.callback_endpoints set failures = failures + 1, quiet_until = :quiet_until
where client_id = :client_id and id = :id;

-- name: keep_quiet
-- Whoever looks whether it answers again does so alone.
update onboarding.callback_endpoints set quiet_until = :quiet_until
where client_id = :client_id and id = :id;

-- name: disable_endpoint
-- The endpoint said that it is gone (410).
update onboarding.callback_endpoints set state = 'disabled'
where client_id = :client_id and id = :id and state = 'active';

-- name: turn
-- A turn of an application and which one it is.
select t.state, t.codes, t.at,
  (select count(*) from onboarding.application_turns e
   where e.business_id = :business_id and e.application_id = t.application_id
     and e.id <= t.id)::int as sequence
from onboarding.application_turns t where t.business_id = :business_id and t.id = :id;

-- name: add_callback
-- Each endpoint is told once of a subject, however often the job runs.
insert into onboarding.callbacks
  (client_id, id, endpoint_id, subject_id, kind, application_id, body, made_at, next_at)
values (:client_id, :id, :endpoint_id, :subject_id, :kind, :application_id, :body, :now, :now)
on conflict (client_id, endpoint_id, subject_id) do nothing;

-- name: take
-- A call-back as a job takes it in hand.
select id, endpoint_id, state, charge, tries, attempts, asked_by, body from onboarding.callbacks
where client_id = :client_id and id = :id for no key update;

-- name: count_attempt
-- Counted before it is made.
update onboarding.callbacks set attempts = attempts + 1, tries = tries + 1
where client_id = :client_id and id = :id;

-- name: add_delivery
-- What became of an attempt.
insert into onboarding.callback_deliveries
  (client_id, callback_id, no, asked_by, outcome, status, ms, answer, at)
values (:client_id, :callback_id, :no, :asked_by, :outcome, :status, :ms, :answer, :now)
on conflict (client_id, callback_id, no) do nothing;

-- name: settle
-- Delivered, given up, or to be tried again; not if somebody has asked for it anew meanwhile.
update onboarding.callbacks set state = :state, next_at = :next_at, ended_at = :ended_at
where client_id = :client_id and id = :id and charge = :charge and state = 'waiting';

-- name: callbacks
-- What the portal was told, newest first.
select id, endpoint_id, kind, application_id, state, attempts, asked_by, made_at, next_at, ended_at
from onboarding.callbacks
where client_id = :client_id and id < :before
  and (:state = '' or state = :state)
  and (:application_id::uuid is null or application_id = :application_id)
order by id desc limit :most;

-- name: callback
-- One call-back of the portal.
select id, endpoint_id, kind, application_id, state, attempts, asked_by, made_at, next_at, ended_at
from onboarding.callbacks where client_id = :client_id and id = :id;

-- name: body_of
-- What is sent.
select body from onboarding.callbacks where client_id = :client_id and id = :id;

-- name: deliveries
-- Every attempt, the first one first.
select no, asked_by, outcome, status, ms, answer, at from onboarding.callback_deliveries
where client_id = :client_id and callback_id = :callback_id order by no limit 200;

-- name: send_again
-- Asked for anew: from the first wait on.
update onboarding.callbacks
set state = 'waiting', charge = charge + 1, tries = 0, asked_by = :asked_by, next_at = :now,
    ended_at = null
where client_id = :client_id and id = :id and state <> 'waiting'
returning charge;

-- name: recover
-- Everything an endpoint was not told since a moment, so many at once.
update onboarding.callbacks c
set state = 'waiting', charge = charge + 1, tries = 0, asked_by = 'portal', next_at = :now,
    ended_at = null
where c.client_id = :client_id and c.id in (
  select d.id from onboarding.callbacks d
  where d.client_id = :client_id and d.endpoint_id = :endpoint_id and d.state = 'dead'
    and d.made_at >= :since
  order by d.id limit :most for no key update)
returning c.id as callback_id, c.charge;

-- name: dead
-- What was given up, of all portals, oldest first: the desk's list.
select client_id, id, endpoint_id, kind, attempts, made_at, ended_at
from onboarding.callbacks where state = 'dead' and id > :after order by id limit :most;

-- name: dead_letter
-- What was given up, as the desk names it.
select client_id, id, endpoint_id, kind, attempts, made_at, ended_at
from onboarding.callbacks where id = :id and state = 'dead';

-- name: forget
-- What ended long ago.
select onboarding.forget_callbacks(:before, :most);
