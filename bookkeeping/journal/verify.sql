-- name: voucher_without_lines_or_unbalanced
-- Every voucher has lines, and its debits equal its credits.
select v.business_id, v.id, s.debit, s.credit
from bookkeeping.vouchers v
left join lateral (
  select count(*) as lines, sum(l.debit_fen) as debit, sum(l.credit_fen) as credit
  from bookkeeping.lines l
  where l.business_id = v.business_id and l.voucher_id = v.id) s on true
where s.lines < 2 or s.debit <> s.credit;

-- name: voucher_numbers_have_gaps
-- The numbers of a month run from 1 without a gap, and the month remembers the last.
select p.business_id, p.month_on, p.last_number, s.numbers, s.last
from bookkeeping.periods p
left join lateral (
  select count(*) as numbers, coalesce(max(v.number), 0) as last
  from bookkeeping.vouchers v
  where v.business_id = p.business_id and v.month_on = p.month_on) s on true
where s.numbers <> p.last_number or s.last <> p.last_number;

-- name: month_totals_are_not_the_lines
-- The totals that statements read equal the sums of the lines.
select coalesce(t.business_id, s.business_id) as business_id,
       coalesce(t.month_on, s.month_on) as month_on,
       coalesce(t.account_code, s.account_code) as account, t.debit_fen, s.debit, s.credit
from bookkeeping.month_totals t
full join (
  select l.business_id, date_trunc('month', l.dated_on)::date as month_on, l.account_code,
         l.closing, sum(l.debit_fen) as debit, sum(l.credit_fen) as credit
  from bookkeeping.lines l group by 1, 2, 3, 4) s
  on s.business_id = t.business_id and s.month_on = t.month_on
 and s.account_code = t.account_code and s.closing = t.closing
where coalesce(t.debit_fen, 0) <> coalesce(s.debit, 0)
   or coalesce(t.credit_fen, 0) <> coalesce(s.credit, 0);

-- name: party_totals_are_not_the_lines
-- The same by customer and supplier.
select coalesce(t.business_id, s.business_id) as business_id,
       coalesce(t.account_code, s.account_code) as account, t.party_id, s.debit, s.credit
from bookkeeping.party_totals t
full join (
  select l.business_id, date_trunc('month', l.dated_on)::date as month_on, l.account_code,
         l.party_id, sum(l.debit_fen) as debit, sum(l.credit_fen) as credit
  from bookkeeping.lines l
  where l.party_id <> '00000000-0000-0000-0000-000000000000' group by 1, 2, 3, 4) s
  on s.business_id = t.business_id and s.month_on = t.month_on
 and s.account_code = t.account_code and s.party_id = t.party_id
where coalesce(t.debit_fen, 0) <> coalesce(s.debit, 0)
   or coalesce(t.credit_fen, 0) <> coalesce(s.credit, 0);

-- name: closed_month_with_profit_left
-- A closed month has carried income and expenses to 3103.
select t.business_id, p.month_on, sum(t.debit_fen - t.credit_fen) as left_fen
from bookkeeping.periods p
join bookkeeping.month_totals t
  on t.business_id = p.business_id and t.month_on <= p.month_on
 and t.account_code like '5%'
where p.state = 'closed'
group by t.business_id, p.month_on, t.account_code
having sum(t.debit_fen - t.credit_fen) <> 0;
