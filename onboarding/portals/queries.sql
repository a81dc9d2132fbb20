-- name: act_for
-- From here on this transaction may touch this portal's rows: for its jobs.
select set_config('app.client', :client_id::uuid::text, true);

-- name: claim_reference
-- A reference stands for one application; who comes second waits here and then finds it.
insert into onboarding.handovers (client_id, client_reference, handed_at)
values (:client_id, :client_reference, :now)
on conflict (client_id, client_reference) do nothing;

-- name: handover
-- What stands under a reference.
select application_id, business_id from onboarding.handovers
where client_id = :client_id and client_reference = :client_reference;

-- name: set_handover
-- The application that this reference stands for.
update onboarding.handovers set business_id = :business_id, application_id = :application_id
where client_id = :client_id and client_reference = :client_reference;

-- name: handed_over
-- A portal's applications, newest first; the portal's own policy stands behind each join.
select a.id, a.client_reference, a.state, a.version, a.account_name, a.decision_codes, a.due_at,
  h.handed_at
from onboarding.handovers h
join onboarding.applications a on a.business_id = h.business_id and a.id = h.application_id
where h.client_id = :client_id and h.application_id < :before
  and (:state = '' or a.state = :state)
  and (:client_reference = '' or h.client_reference = :client_reference)
order by h.application_id desc limit :most;

-- name: add_paper
-- A paper sent ahead.
insert into onboarding.portal_papers
  (client_id, id, file_id, media_type, size_bytes, sha256, sent_at, expires_at)
values (:client_id, :id, :file_id, :media_type, :size_bytes, :sha256, :now, :expires_at);

-- name: paper
-- A paper of the portal.
select id, file_id, media_type, size_bytes, sha256, sent_at, expires_at, shredded_at
from onboarding.portal_papers where client_id = :client_id and id = :id;

-- name: expired_papers
-- Papers whose term is over, of all portals, for the clock.
select file_id from onboarding.expire_papers(:now, :most);
