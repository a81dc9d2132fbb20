-- name: lock_escrow
-- One decision about an agreement at a time.
select id, mode, made_by, account_id, escrow_account_id, title, amount_fen,
       beneficiary_business_id, beneficiary_name, beneficiary_account_id, beneficiary_sealed,
       release_rule, objection_days, expires_at, state, reason, version, steps, look_at, created_at,
       disputed_at, ended_at
from accounts.escrows where business_id = :business_id and id = :id for no key update;

-- name: escrow
-- The agreement's own row.
select id, mode, made_by, account_id, escrow_account_id, title, amount_fen,
       beneficiary_business_id, beneficiary_name, beneficiary_account_id, beneficiary_sealed,
       release_rule, objection_days, expires_at, state, reason, version, steps, look_at, created_at,
       disputed_at, ended_at
from accounts.escrows where business_id = :business_id and id = :id;

-- name: escrows_page
-- Newest first; one row more than the page.
select id, mode, made_by, account_id, escrow_account_id, title, amount_fen,
       beneficiary_business_id, beneficiary_name, beneficiary_account_id, beneficiary_sealed,
       release_rule, objection_days, expires_at, state, reason, version, steps, look_at, created_at,
       disputed_at, ended_at
from accounts.escrows
where business_id = :business_id
  and (:after_at::timestamptz is null or (created_at, id) < (:after_at, :after_id::uuid))
order by created_at desc, id desc limit :limit::int + 1;

-- name: parts
-- The milestones with what has been released of each and what is on its way.
select m.no, m.title, m.amount_fen, m.due_on, m.purpose, m.payee_name, m.payee_sealed,
       m.payee_account_tail, m.payee_bank_code, m.payer_word_fen, m.beneficiary_word_fen,
       m.claimed_at, p.released_fen, p.under_way_fen
from accounts.escrow_milestones m
cross join lateral (
  select coalesce(sum(p.amount_fen) filter (where p.state = 'settled'), 0)::bigint as released_fen,
         coalesce(sum(p.amount_fen) filter (
           where p.state in ('submitted', 'processing', 'unknown')), 0)::bigint as under_way_fen
  from accounts.escrow_moves v
  join accounts.payments p on p.business_id = v.business_id and p.id = v.payment_id
  where v.business_id = m.business_id and v.escrow_id = m.escrow_id and v.milestone_no = m.no
) p
where m.business_id = :business_id and m.escrow_id = :id
order by m.no;

-- name: money
-- What orders have moved in, out and back, and what the ledger says is there.
select coalesce(sum(p.amount_fen) filter (
         where v.kind = 'fund' and p.state = 'settled'), 0)::bigint as funded_fen,
       coalesce(sum(p.amount_fen) filter (
         where v.kind = 'fund' and p.state = 'pending_approval'), 0)::bigint as funding_fen,
       coalesce(sum(p.amount_fen) filter (
         where v.kind = 'release' and p.state = 'settled'), 0)::bigint as released_fen,
       coalesce(sum(p.amount_fen) filter (
         where v.kind = 'return' and p.state = 'settled'), 0)::bigint as returned_fen,
       max(a.balance_fen) as secured_fen, max(a.balance_fen - a.held_fen) as free_fen,
       coalesce(max(v.no), 0) as orders
from accounts.escrows e
join ledger.accounts a on a.business_id = e.business_id and a.id = e.escrow_account_id
left join accounts.escrow_moves v on v.business_id = e.business_id and v.escrow_id = e.id
left join accounts.payments p on p.business_id = v.business_id and p.id = v.payment_id
where e.business_id = :business_id and e.id = :id;

-- name: add_move
-- A payment order of the agreement.
insert into accounts.escrow_moves (business_id, payment_id, escrow_id, no, kind, milestone_no)
values (:business_id, :payment_id, :escrow_id, :no, :kind, :milestone_no);

-- name: escrow_of_payment
-- Which agreement a payment order belongs to.
select escrow_id, milestone_no from accounts.escrow_moves
where business_id = :business_id and payment_id = :payment_id;

-- name: save_words
-- What both sides have let go of a milestone.
update accounts.escrow_milestones
set payer_word_fen = :payer_word_fen, beneficiary_word_fen = :beneficiary_word_fen,
    claimed_at = :claimed_at
where business_id = :business_id and escrow_id = :escrow_id and no = :no;

-- name: save_escrow
-- The agreement as decided, one version on.
update accounts.escrows
set state = :state, reason = :reason, version = version + 1, steps = :steps, look_at = :look_at,
    disputed_at = :disputed_at, ended_at = :ended_at
where business_id = :business_id and id = :id;

-- name: add_step
-- A line of the agreement's history.
insert into accounts.escrow_steps
  (business_id, escrow_id, no, step, by, milestone_no, amount_fen, reason, word_id, at)
values
  (:business_id, :escrow_id, :no, :step, :by, :milestone_no, :amount_fen, :reason, :word_id, :now);

-- name: steps
-- The history, in order.
select no, step, by, milestone_no, amount_fen, reason, at
from accounts.escrow_steps where business_id = :business_id and escrow_id = :id
order by no desc limit 200;

-- name: disputes
-- What the desk must decide, the oldest first, of all firms.
select id, title, mode, amount_fen, beneficiary_name, reason, version, disputed_at
from accounts.escrows
where state = 'disputed'
  and (:after_at::timestamptz is null or (disputed_at, id) > (:after_at, :after_id::uuid))
order by disputed_at, id limit :limit::int + 1;

-- name: firm_of_escrow
-- The firm of an agreement for the bank's staff, who work across firms.
select business_id from accounts.escrows where id = :id;

-- name: due
-- The next page of agreements that the clock must look at, of all firms.
select business_id, id from accounts.escrows_due(:now, :after_business, :after, :limit);
