-- name: claim
-- The order is its own key record: a copy in flight waits here and then touches no row.
insert into accounts.payments
  (business_id, id, key, fingerprint, made_by, account_id, amount_fen, party_id, payee_name,
   payee_sealed, payee_account_tail, payee_bank_code, purpose, memo, state, answered_state,
   created_at, mode, from_hold_id, from_account_id, into_account_id)
values
  (:business_id, :id, :key, :fingerprint, :made_by, :account_id, :amount_fen, :party_id,
   :payee_name, :payee_sealed, :payee_account_tail, :payee_bank_code, :purpose, :memo, 'draft',
   'draft', :now, :mode, :from_hold_id, :from_account_id, :into_account_id)
on conflict (business_id, key) do nothing
returning id, account_id, amount_fen, currency, payee_name, payee_account_tail, payee_bank_code,
          party_id, rail, purpose, memo, state, reason, made_by, version, created_at, send_after,
          submitted_at, finished_at, fingerprint, answered_state, first_version, payee_sealed,
          payee_business_id, payee_account_id, hold_id, transfer_id, refusal, asked, limit_used_on,
       limit_session,
          mode, from_hold_id, from_account_id, into_account_id;

-- name: lock_by_key
-- The order under a key; the lock makes the repeat's answer wait for the first one's commit.
select id, account_id, amount_fen, currency, payee_name, payee_account_tail, payee_bank_code,
       party_id, rail, purpose, memo, state, reason, made_by, version, created_at, send_after,
       submitted_at, finished_at, fingerprint, answered_state, first_version, payee_sealed,
       payee_business_id, payee_account_id, hold_id, transfer_id, refusal, asked, limit_used_on,
       limit_session,
       mode, from_hold_id, from_account_id, into_account_id
from accounts.payments where business_id = :business_id and key = :key for no key update;

-- name: lock_payment
-- One decision about an order at a time.
select id, account_id, amount_fen, currency, payee_name, payee_account_tail, payee_bank_code,
       party_id, rail, purpose, memo, state, reason, made_by, version, created_at, send_after,
       submitted_at, finished_at, fingerprint, answered_state, first_version, payee_sealed,
       payee_business_id, payee_account_id, hold_id, transfer_id, refusal, asked, limit_used_on,
       limit_session,
       mode, from_hold_id, from_account_id, into_account_id
from accounts.payments where business_id = :business_id and id = :id for no key update;

-- name: payment
-- One order as its firm sees it.
select id, account_id, amount_fen, currency, payee_name, payee_account_tail, payee_bank_code,
       party_id, rail, purpose, memo, state, reason, made_by, version, created_at, send_after,
       submitted_at, finished_at, mode
from accounts.payments where business_id = :business_id and id = :id;

-- name: payments_page
-- Newest first, filtered by state and account; one row more than the page.
select id, account_id, amount_fen, currency, payee_name, payee_account_tail, payee_bank_code,
       party_id, rail, purpose, memo, state, reason, made_by, version, created_at, send_after,
       submitted_at, finished_at, mode
from accounts.payments
where business_id = :business_id
  and (:state::text is null or state = :state)
  and (:account_id::uuid is null or account_id = :account_id)
  and (:after_at::timestamptz is null or (created_at, id) < (:after_at, :after_id::uuid))
order by created_at desc, id desc limit :limit::int + 1;

-- name: save
-- The order as decided, its money moved in the same transaction; the first decision is what the
-- first answer says, so that a repeat can say the very same.
update accounts.payments
set state = :state, rail = :rail, reason = :reason, version = :version,
    send_after = :send_after, submitted_at = :submitted_at, finished_at = :finished_at,
    payee_business_id = :payee_business_id, payee_account_id = :payee_account_id,
    hold_id = :hold_id, transfer_id = :transfer_id, refusal = :refusal, asked = :asked,
    limit_used_on = :limit_used_on, limit_session = :limit_session,
    answered_state = case answered_state when 'draft' then :state else answered_state end,
    first_version = case answered_state when 'draft' then :version else first_version end,
    returned_on = case when :state = 'returned' then coalesce(returned_on, :today) end
where business_id = :business_id and id = :id;
