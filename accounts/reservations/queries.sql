-- name: add_reservation
-- The reservation with the hold that carries its money.
insert into accounts.reservations
  (business_id, id, made_by, account_id, amount_fen, party_id, payee_name, payee_sealed,
   payee_account_tail, payee_bank_code, purpose, memo, hold_id, expires_at, created_at)
values
  (:business_id, :id, :person_id, :account_id, :amount_fen, :party_id, :payee_name, :payee_sealed,
   :payee_account_tail, :payee_bank_code, :purpose, :memo, :hold_id, :expires_at, :now);

-- name: lock_reservation
-- One decision about a reservation at a time; its figures are read from the hold afterwards.
select id from accounts.reservations
where business_id = :business_id and id = :id for no key update;

-- name: reservation
-- What is held, taken and left stands on the hold.
select r.id, r.account_id, r.amount_fen, r.payee_name, r.payee_account_tail, r.payee_bank_code,
       r.party_id, r.purpose, r.memo, r.reason, r.made_by, r.expires_at, r.created_at, r.hold_id,
       r.payee_sealed,
       h.taken_fen + case h.state when 'captured' then h.amount_fen else 0 end as confirmed_fen,
       case h.state when 'open' then h.amount_fen else 0 end as left_fen,
       coalesce(r.ended, case h.state when 'captured' then 'confirmed' else 'open' end) as state,
       coalesce(r.ended_at, h.closed_at) as ended_at
from accounts.reservations r
join ledger.holds h on h.business_id = r.business_id and h.id = r.hold_id
where r.business_id = :business_id and r.id = :id;

-- name: reservations_page
-- Newest first; one row more than the page.
select r.id, r.account_id, r.amount_fen, r.payee_name, r.payee_account_tail, r.payee_bank_code,
       r.party_id, r.purpose, r.memo, r.reason, r.made_by, r.expires_at, r.created_at,
       h.taken_fen + case h.state when 'captured' then h.amount_fen else 0 end as confirmed_fen,
       case h.state when 'open' then h.amount_fen else 0 end as left_fen,
       coalesce(r.ended, case h.state when 'captured' then 'confirmed' else 'open' end) as state,
       coalesce(r.ended_at, h.closed_at) as ended_at
from accounts.reservations r
join ledger.holds h on h.business_id = r.business_id and h.id = r.hold_id
where r.business_id = :business_id
  and (:account_id::uuid is null or r.account_id = :account_id)
  and (:after_at::timestamptz is null or (r.created_at, r.id) < (:after_at, :after_id::uuid))
order by r.created_at desc, r.id desc limit :limit::int + 1;

-- name: lapsed
-- Reservations of the firm past their term, in one order of locks, those in use by others later.
select id from accounts.reservations
where business_id = :business_id and ended is null and expires_at <= :now
order by id limit :limit for no key update skip locked;

-- name: end_reservations
-- Why the rest of each was let go, in the transaction that released the holds.
update accounts.reservations r
set ended = e.ended, reason = e.reason, ended_at = :now
from unnest(:ids::uuid[], :ends::text[], :reasons::text[]) e(id, ended, reason)
where r.business_id = :business_id and r.id = e.id;

-- name: stored_reservations
-- Several reservations with what their holds say.
select r.id, r.account_id, r.amount_fen, r.payee_name, r.payee_account_tail, r.payee_bank_code,
       r.party_id, r.purpose, r.memo, r.reason, r.made_by, r.expires_at, r.created_at, r.hold_id,
       r.payee_sealed,
       h.taken_fen + case h.state when 'captured' then h.amount_fen else 0 end as confirmed_fen,
       case h.state when 'open' then h.amount_fen else 0 end as left_fen,
       coalesce(r.ended, case h.state when 'captured' then 'confirmed' else 'open' end) as state,
       coalesce(r.ended_at, h.closed_at) as ended_at
from accounts.reservations r
join ledger.holds h on h.business_id = r.business_id and h.id = r.hold_id
where r.business_id = :business_id and r.id = any(:ids::uuid[])
order by r.id;

-- name: firms_with_lapsed
-- The next page of firms whose reservations the clock must end.
select f as business_id from accounts.firms_with_lapsed_reservations(:now, :after, :limit) f;
