-- name: day_close_differs_from_the_postings
-- A sealed day that is not what its entries and postings add up to, or one that was never sealed.
with posted as (
  select business_id, booked_on, currency,
         count(*) filter (where owner = 'firm') firm_n,
         coalesce(sum(amount_fen) filter (where owner = 'firm' and amount_fen > 0), 0) firm_in,
         coalesce(-sum(amount_fen) filter (where owner = 'firm' and amount_fen < 0), 0) firm_out,
         count(*) filter (where owner = 'bank') bank_n,
         coalesce(sum(amount_fen) filter (where owner = 'bank' and amount_fen > 0), 0) bank_in,
         coalesce(-sum(amount_fen) filter (where owner = 'bank' and amount_fen < 0), 0) bank_out
  from ledger.postings where booked_on <= (select closed_until from ledger.closing)
  group by business_id, booked_on, currency
), booked as (
  select business_id, booked_on, currency, count(*) n, sum(clearing_fen) clearing
  from ledger.entries where booked_on <= (select closed_until from ledger.closing)
  group by business_id, booked_on, currency
), raw as (
  select business_id, booked_on, currency, coalesce(b.n, 0) n, coalesce(b.clearing, 0) clearing,
         coalesce(p.firm_n, 0) firm_n, coalesce(p.firm_in, 0) firm_in,
         coalesce(p.firm_out, 0) firm_out, coalesce(p.bank_n, 0) bank_n,
         coalesce(p.bank_in, 0) bank_in, coalesce(p.bank_out, 0) bank_out
  from posted p full join booked b using (business_id, booked_on, currency)
)
select coalesce(d.business_id, r.business_id) as business_id,
       coalesce(d.closed_on, r.booked_on) as closed_on
from ledger.day_closes d
full join raw r
  on r.business_id = d.business_id and r.booked_on = d.closed_on and r.currency = d.currency
where (d.business_id is not null or r.booked_on <= (select sealed_until from ledger.closing))
  and (d.entries, d.clearing_fen, d.firm_postings, d.firm_in_fen, d.firm_out_fen,
       d.bank_postings, d.bank_in_fen, d.bank_out_fen)
      is distinct from
      (coalesce(r.n, 0), coalesce(r.clearing, 0), coalesce(r.firm_n, 0), coalesce(r.firm_in, 0),
       coalesce(r.firm_out, 0), coalesce(r.bank_n, 0), coalesce(r.bank_in, 0),
       coalesce(r.bank_out, 0));

-- name: day_close_chain_is_broken
-- A row that does not go on where the day before ended, or whose hash is not its own.
select business_id, currency, closed_on from (
  select d.*, lag(closed_on) over w before_on, lag(hash) over w before_hash,
         lag(firm_closing_fen) over w before_firm, lag(bank_closing_fen) over w before_bank
  from ledger.day_closes d
  window w as (partition by business_id, currency order by closed_on)) s
where closed_on <> coalesce(before_on + 1, closed_on)
   or previous_hash <> coalesce(before_hash, decode(repeat('00', 32), 'hex'))
   or firm_opening_fen <> coalesce(before_firm, 0) or bank_opening_fen <> coalesce(before_bank, 0)
   or hash <> sha256(previous_hash || convert_to(concat_ws('|',
        business_id, closed_on - date '2000-01-01', currency, entries, clearing_fen,
        firm_postings, firm_opening_fen, firm_in_fen, firm_out_fen, firm_closing_fen,
        bank_postings, bank_opening_fen, bank_in_fen, bank_out_fen, bank_closing_fen), 'UTF8'));

-- name: day_close_is_missing
-- A firm with an account that has no row on the last date said to be sealed.
select a.business_id, a.currency, c.sealed_until
from ledger.closing c
join (select business_id, currency, min(opened_on) since from ledger.accounts group by 1, 2) a
  on a.since < c.sealed_until
where not exists (
  select from ledger.day_closes d
  where d.business_id = a.business_id and d.currency = a.currency
    and d.closed_on = c.sealed_until);

-- name: sealed_day_does_not_clear
-- Over the whole bank what firms owe each other at the end of a date is nothing.
select d.closed_on, d.currency, sum(d.clearing_fen) open_fen
from ledger.day_closes d join ledger.closing c on d.closed_on <= c.sealed_until
group by 1, 2 having sum(d.clearing_fen) <> 0;
