-- name: active_without_account
-- An active application's account carries the number that was kept for it.
select a.business_id, a.id, a.number, a.account_id
from onboarding.applications a
left join accounts.account_numbers n
  on n.number = a.number and n.state = 'taken' and n.account_id = a.account_id
where a.state = 'active' and n.number is null;

-- name: number_kept_for_the_dead
-- An application that ended without an account keeps no number from others.
select n.number, a.business_id, a.id, a.state
from accounts.account_numbers n
join onboarding.applications a on a.business_id = n.business_id and a.id = n.application_id
where n.state = 'reserved' and a.state in ('refused', 'referred', 'cancelled', 'active');

-- name: open_without_its_number
-- From submission to activation the number is kept.
select a.business_id, a.id, a.state
from onboarding.applications a
left join accounts.account_numbers n
  on n.number = a.number and n.state = 'reserved' and n.application_id = a.id
where a.state in ('submitted', 'reviewing', 'approved') and n.number is null;

-- name: basic_account_of_nobody
-- The register of basic accounts and the active applications say the same.
select b.uscc, b.business_id, b.application_id
from onboarding.basic_accounts b
left join onboarding.applications a
  on a.business_id = b.business_id and a.id = b.application_id
  and a.state = 'active' and a.account_id = b.account_id and a.uscc = b.uscc
where a.id is null;

-- name: timeline_says_otherwise
-- The last turn of the timeline is the state.
select a.business_id, a.id, a.state, t.state as last_turn
from onboarding.applications a
join lateral (
  select state from onboarding.application_turns t
  where t.business_id = a.business_id and t.application_id = a.id order by t.id desc limit 1
) t on true
where t.state <> a.state;
