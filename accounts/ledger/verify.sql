-- name: ledger_entry_without_legs
-- An entry whose postings are missing or do not balance with its clearing.
select e.business_id, e.id, e.kind, e.business_key
from ledger.entries e
left join (select business_id, booked_on, entry_id, sum(amount_fen) total, count(*) legs
           from ledger.postings group by 1, 2, 3) p
  on p.business_id = e.business_id and p.booked_on = e.booked_on and p.entry_id = e.id
where p.entry_id is null or p.total + e.clearing_fen <> 0 or p.legs <> e.legs;

-- name: ledger_balance_drift
-- An account whose balance or version is not what its postings say.
select a.business_id, a.id, a.kind, a.balance_fen, coalesce(p.total, 0) posted_fen
from ledger.accounts a
left join (select business_id, account_id, sum(amount_fen) total, count(*) n, max(seq) last
           from ledger.postings group by 1, 2) p
  on p.business_id = a.business_id and p.account_id = a.id
where a.balance_fen <> coalesce(p.total, 0) or a.version <> coalesce(p.n, 0)
   or a.version <> coalesce(p.last, 0);

-- name: ledger_running_balance
-- A posting whose balance_after is not the one before plus its amount.
select business_id, account_id, seq from (
  select business_id, account_id, seq, amount_fen, balance_after_fen,
         coalesce(lag(balance_after_fen) over w, 0) before_fen
  from ledger.postings window w as (partition by business_id, account_id order by seq)) s
where before_fen + amount_fen <> balance_after_fen;

-- name: ledger_transfer_does_not_clear
-- The two sides of a transfer between firms do not cancel.
select transfer_id, currency, sum(clearing_fen) open_fen from ledger.entries
where transfer_id is not null group by 1, 2 having sum(clearing_fen) <> 0;

-- name: ledger_held_drift
-- An account whose held amount is not the sum of its open holds.
select a.business_id, a.id, a.held_fen from ledger.accounts a
left join (select business_id, account_id, sum(amount_fen) open_fen from ledger.holds
           where state = 'open' group by 1, 2) h
  on h.business_id = a.business_id and h.account_id = a.id
where a.held_fen <> coalesce(h.open_fen, 0);

-- name: ledger_month_totals
-- Month totals on the account row or in the rollups that differ from the raw postings.
select p.business_id, p.account_id, p.month from (
  select business_id, account_id, date_trunc('month', booked_on)::date as month,
         sum(greatest(amount_fen, 0)) came, sum(greatest(-amount_fen, 0)) went, count(*) n
  from ledger.postings group by 1, 2, 3) p
left join ledger.rollups r on r.business_id = p.business_id and r.account_id = p.account_id
  and r.month = p.month
left join ledger.accounts a on a.business_id = p.business_id and a.id = p.account_id
  and a.month = p.month
where (coalesce(r.in_fen, a.month_in_fen), coalesce(r.out_fen, a.month_out_fen),
       coalesce(r.postings, a.month_count)) is distinct from (p.came, p.went, p.n);

-- name: ledger_sums_to_zero
-- Over the whole bank every currency sums to zero.
select currency, sum(balance_fen) total_fen from ledger.accounts
group by currency having sum(balance_fen) <> 0;

-- name: ledger_key_without_entry
-- A key whose entry is missing, or an entry without its key.
select k.business_id, k.kind, k.business_key from ledger.entry_keys k
left join ledger.entries e
  on e.business_id = k.business_id and e.booked_on = k.booked_on and e.id = k.entry_id
where e.id is null;
