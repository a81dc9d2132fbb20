-- name: totals_at
-- Everything booked before each of some days: whole months from the totals, the rest of the
-- month from its lines.
with cuts as (
  select c.cut_on, date_trunc('month', c.cut_on)::date as month_on
  from unnest(:cuts::date[]) as c (cut_on)
), booked as (
  select c.cut_on, t.account_code, t.closing, t.debit_fen, t.credit_fen
  from cuts c
  join bookkeeping.month_totals t on t.business_id = :business_id and t.month_on < c.month_on
  union all
  select c.cut_on, l.account_code, l.closing, l.debit_fen, l.credit_fen
  from cuts c
  join bookkeeping.lines l on l.business_id = :business_id
                          and l.dated_on >= c.month_on and l.dated_on < c.cut_on
), summed as (
  select b.cut_on, b.account_code, b.closing, sum(b.debit_fen)::bigint as debit_fen,
         sum(b.credit_fen)::bigint as credit_fen
  from booked b group by b.cut_on, b.account_code, b.closing
)
select s.cut_on, s.account_code as code, a.name, a.category, s.closing, s.debit_fen, s.credit_fen
from summed s
join bookkeeping.accounts a on a.business_id = :business_id and a.code = s.account_code;

-- name: parties_at
-- The same by customer and supplier, where their sign decides the line of the balance sheet.
with cuts as (
  select c.cut_on, date_trunc('month', c.cut_on)::date as month_on
  from unnest(:cuts::date[]) as c (cut_on)
), booked as (
  select c.cut_on, t.account_code, t.party_id, t.debit_fen - t.credit_fen as balance_fen
  from cuts c
  join bookkeeping.party_totals t on t.business_id = :business_id and t.month_on < c.month_on
  union all
  select c.cut_on, l.account_code, l.party_id, l.debit_fen - l.credit_fen
  from cuts c
  join bookkeeping.lines l on l.business_id = :business_id
                          and l.dated_on >= c.month_on and l.dated_on < c.cut_on
  where l.party_id <> '00000000-0000-0000-0000-000000000000'
)
select b.cut_on, b.account_code as code, b.party_id, sum(b.balance_fen)::bigint as balance_fen
from booked b group by b.cut_on, b.account_code, b.party_id;

-- name: cash_moved
-- Tagged cash of the span and of the year up to its end.
select l.cash_line::int as line,
       coalesce(sum(l.debit_fen - l.credit_fen)
                filter (where l.dated_on >= :from_on), 0)::bigint as amount_fen,
       coalesce(sum(l.debit_fen - l.credit_fen)
                filter (where l.dated_on >= :year_on), 0)::bigint as year_to_date_fen
from bookkeeping.lines l
where l.business_id = :business_id and l.cash_line is not null
  and l.dated_on >= least(:from_on::date, :year_on::date) and l.dated_on < :until_on
group by l.cash_line;

-- name: form
-- The lines of a form as data.
select line, name, source, included from bookkeeping.form_lines where form = :form order by line;
