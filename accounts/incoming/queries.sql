-- name: is_payment_of_ours
-- A call-back about a payment that we sent is not about incoming money.
select exists (
  select from accounts.clearing_references where reference = :reference) as ours;

-- name: ring
-- Credits seen waiting: those to ring for now, each ever less often until it is answered.
insert into accounts.incoming_rings (reference, ring_at)
select reference, :now::timestamptz + interval '30 seconds' from unnest(:references::text[]) reference
on conflict (reference) do update
  set rings = incoming_rings.rings + 1,
      ring_at = :now::timestamptz + make_interval(secs => least(3600, 30 * 2 ^ least(incoming_rings.rings, 10)))
  where incoming_rings.ring_at <= :now
returning reference;

-- name: stop_ringing
-- The credit has been answered.
delete from accounts.incoming_rings where reference = :reference;

-- name: decide
-- Whoever decides about a reference first, decides; a second one touches no row.
insert into accounts.incoming_decisions
  (reference, business_id, amount_fen, accepted, reason, decided_on, decided_at)
values (:reference, :firm, :amount_fen, :accepted, :reason, :today, :now)
on conflict (reference) do nothing;

-- name: suspend
-- The bank takes a credit into suspense; whoever decided before has decided.
insert into accounts.incoming_decisions
  (reference, business_id, amount_fen, accepted, reason, decided_on, decided_at, suspended)
values (:reference, :business_id, :amount_fen, true, '', :today, :now, true)
on conflict (reference) do nothing;

-- name: decision
-- What stands about a reference.
select business_id, accepted, reason, decided_on, confirmed_at is not null as confirmed
from accounts.incoming_decisions where reference = :reference;

-- name: change_to_refused
-- The account turned out not to take it, in the transaction that had just accepted it.
update accounts.incoming_decisions set accepted = false, reason = :reason
where reference = :reference;

-- name: mark_confirmed
-- The clearing house knows our decision.
update accounts.incoming_decisions set confirmed_at = :now
where reference = :reference and confirmed_at is null;

-- name: add_credit
-- Once per reference; a repeat touches no row.
insert into accounts.incoming_credits
  (business_id, id, source, reference, account_id, amount_fen, payer_name_sealed,
   payer_account_tail, payer_bank_code, remark, received_on, received_at, swept_on)
values
  (:business_id, :id, :source, :reference, :account_id, :amount_fen, :payer_name_sealed,
   :payer_account_tail, :payer_bank_code, :remark, :today, :now, :swept_on)
on conflict (business_id, source, reference) do nothing;

-- name: credit
-- One credit of the firm.
select id, account_id, amount_fen, payer_name_sealed, payer_account_tail, payer_bank_code, remark,
       source, reference, received_on, received_at
from accounts.incoming_credits where business_id = :business_id and id = :id;

-- name: credits_page
-- Newest first; one row more than the page.
select id, account_id, amount_fen, payer_name_sealed, payer_account_tail, payer_bank_code, remark,
       source, reference, received_on, received_at
from accounts.incoming_credits
where business_id = :business_id
  and (:account_id::uuid is null or account_id = :account_id)
  and (:after_at::timestamptz is null or (received_at, id) < (:after_at, :after_id::uuid))
order by received_at desc, id desc limit :limit::int + 1;
