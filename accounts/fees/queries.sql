-- name: terms
-- How large the bank has found the firm to be, if it has.
select firm_size, version from accounts.fee_terms where business_id = :business_id;

-- name: begin_terms
-- The first finding; a concurrent first one wins and is found changed.
insert into accounts.fee_terms (business_id, firm_size, set_at)
values (:business_id, :firm_size, :now) on conflict (business_id) do nothing;

-- name: change_terms
-- Only the version that was seen is replaced.
update accounts.fee_terms set firm_size = :firm_size, set_at = :now, version = version + 1
where business_id = :business_id and version = :version;

-- name: add_held
-- A payment's fee, set aside with its money.
insert into accounts.fees
  (business_id, id, account_id, kind, cause, rail, amount_fen, state, hold_id, made_on)
values (:business_id, :id, :account_id, 'payment', :cause, :rail, :amount_fen, 'held', :id, :today);

-- name: add_held_many
-- The fees of a slice of payments, set aside with their money in one statement.
insert into accounts.fees
  (business_id, id, account_id, kind, cause, rail, amount_fen, state, hold_id, made_on)
select :business_id, f.id, :account_id, 'payment', f.cause, f.rail, f.amount, 'held', f.id, :today
from unnest(:ids::uuid[], :causes::text[], :rails::text[], :amounts::bigint[])
  f(id, cause, rail, amount);

-- name: of_payment
-- The fee of a payment, if it has one; one change at a time.
select id, account_id, kind, cause, rail, amount_fen, state, hold_id, made_on, charged_on,
       refunded_on
from accounts.fees
where business_id = :business_id and kind = 'payment' and account_id = :account_id
  and cause = :cause
for no key update;

-- name: charged
-- Taken with its payment.
update accounts.fees set state = 'charged', hold_id = null, charged_on = :today
where business_id = :business_id and id = :id;

-- name: released
-- Its payment was called off.
update accounts.fees set state = 'released', hold_id = null
where business_id = :business_id and id = :id;

-- name: refunded
-- Given back.
update accounts.fees set state = 'refunded', refunded_on = :today
where business_id = :business_id and id = :id;

-- name: fees_page
-- Newest first; one row more than the page.
select id, account_id, kind, cause, rail, amount_fen, state, hold_id, made_on, charged_on,
       refunded_on
from accounts.fees
where business_id = :business_id
  and (:after_on::date is null or (made_on, id) < (:after_on, :after_id::uuid))
order by made_on desc, id desc limit :limit::int + 1;

-- name: make_monthly
-- Over all firms: the month's fees of a slice of accounts.
select business_id, account_id
from accounts.make_monthly_fees(:month, :amount_fen, :usual_size, :free_sizes, :after_business,
  :after, :most);

-- name: take_due
-- Over all firms: fees that can be paid now, marked as charged.
select business_id, id, account_id, cause, amount_fen
from accounts.take_fees_due(:today, :now, :most);
