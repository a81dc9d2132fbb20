-- name: open_account
-- A new deposit account of the firm.
select ledger.open_account(:business_id, :id, :currency, :floor_fen, :now);

-- name: bank_side
-- The bank's side of a firm, made on first use.
select ledger.bank_side(:business_id, :kind, :currency, :now);

-- name: open_escrow
-- An account that pays named payees only.
select ledger.open_escrow(:business_id, :id, :now);

-- name: set_state
-- What the account lets through from now on.
select ledger.set_state(:business_id, :id, :state);

-- name: set_frozen
-- What no debit may reach from now on.
select ledger.set_frozen(:business_id, :id, :frozen_fen);

-- name: bank_sides
-- The bank's side of many firms at once.
select business_id, id from ledger.bank_sides(:businesses, :kind, :currency, :now);

-- name: make_months
-- The month partitions up to three months ahead; harmless when they are there.
select ledger.make_months(:today);

-- name: post
-- The one door: decides over locked rows, then writes everything or nothing.
select refusal, refused_id, short_fen, refused_state, at, booked_on
from ledger.post(:now, :ids, :businesses, :transfers, :kinds, :keys, :currencies, :clearings,
  :memos, :value_ons, :leg_entries, :leg_accounts, :leg_amounts, :hold_actions, :hold_ids,
  :hold_accounts, :hold_amounts, :hold_expires, :hold_purposes);

-- name: balance
-- Balance, holds and what is left, read from one row.
select id as account_id, currency, state, balance_fen, held_fen, version,
       balance_fen - held_fen - coalesce(floor_fen, 0) as available_fen
from ledger.accounts where business_id = :business_id and id = :id;

-- name: balance_at
-- The last posting up to a moment carries the balance after it; prunes to the months before.
select balance_after_fen from ledger.postings
where business_id = :business_id and account_id = :id and at <= :at
  and booked_on <= (:at::timestamptz at time zone 'Asia/Shanghai')::date
order by booked_on desc, seq desc limit 1;

-- name: postings
-- One page of an account's statement with what each line was for.
select p.seq, p.booked_on, p.at, p.entry_id, p.amount_fen, p.balance_after_fen,
       e.kind, e.business_key, e.memo
from ledger.postings p
join ledger.entries e
  on e.business_id = p.business_id and e.booked_on = p.booked_on and e.id = p.entry_id
where p.business_id = :business_id and p.account_id = :account_id
  and p.booked_on >= :from_on and p.booked_on < :until_on
  and (p.booked_on, p.seq) > (:after_on, :after_seq)
order by p.booked_on, p.seq limit :row_limit;
