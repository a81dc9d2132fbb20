-- name: ask
-- The firm wants it with its account; asked and withdrawn before, it is asked again.
insert into onboarding.products (business_id, id, application_id, kind, branch, asked_at)
values (:business_id, :id, :application_id, :kind, :branch, :now)
on conflict (business_id, application_id, kind) do update set state = 'asked', asked_at = :now
  where products.state = 'withdrawn';

-- name: withdraw_others
-- The firm no longer wants these.
update onboarding.products set state = 'withdrawn'
where business_id = :business_id and application_id = :application_id and state = 'asked'
  and kind <> all(:kinds::text[]);

-- name: prepare
-- The account is open: somebody hands it over by a day.
update onboarding.products set state = 'preparing', acts = 'branch', due_at = :due_at
where business_id = :business_id and id = :id;

-- name: issue
-- The firm has it.
update onboarding.products
set state = 'issued', acts = null, due_at = null, issued_at = :now, issued_by = :staff_id,
    reference = :reference
where business_id = :business_id and id = :id;

-- name: products
-- Everything that comes with the account.
select id, application_id, kind, branch, state, acts, due_at, reference, issued_at
from onboarding.products
where business_id = :business_id and application_id = :application_id and state <> 'withdrawn'
order by id limit 20;

-- name: lock_product
-- One of them, kept from others until this work ends.
select id, application_id, kind, branch, state, acts, due_at, reference, issued_at
from onboarding.products where business_id = :business_id and id = :id for no key update;

-- name: undone
-- What a branch still has to hand over, the most urgent first.
select p.id, p.business_id, p.application_id, a.account_name, p.kind, p.acts, p.due_at,
  p.due_at < :now as late
from onboarding.products p
join onboarding.applications a on a.business_id = p.business_id and a.id = p.application_id
where p.branch = :branch and p.state = 'preparing' order by p.due_at, p.id limit 200;
