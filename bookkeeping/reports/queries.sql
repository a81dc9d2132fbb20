-- name: trial_balance
-- Opening and turnover of every account ever used: whole months from the totals; lines only of
-- the days that a span cuts from its first and last month.
with months as (
  select :from_on::date as from_on, date_trunc('month', :from_on::date)::date as from_month,
         :until_on::date as until_on, date_trunc('month', :until_on::date)::date as until_month
), booked as (
  select t.account_code, t.debit_fen as debit, t.credit_fen as credit,
         case when t.month_on < m.from_month then t.debit_fen else 0 end as debit_before,
         case when t.month_on < m.from_month then t.credit_fen else 0 end as credit_before
  from months m
  join bookkeeping.month_totals t on t.business_id = :business_id and t.month_on < m.until_month
  union all
  select l.account_code, 0, 0, l.debit_fen, l.credit_fen
  from months m
  join bookkeeping.lines l on l.business_id = :business_id
                          and l.dated_on >= m.from_month and l.dated_on < m.from_on
  union all
  select l.account_code, l.debit_fen, l.credit_fen, 0, 0
  from months m
  join bookkeeping.lines l on l.business_id = :business_id
                          and l.dated_on >= m.until_month and l.dated_on < m.until_on
), summed as (
  select b.account_code, sum(b.debit_before - b.credit_before)::bigint as opening_fen,
         sum(b.debit - b.debit_before)::bigint as debit_fen,
         sum(b.credit - b.credit_before)::bigint as credit_fen
  from booked b group by b.account_code
)
select s.account_code as code, a.name, s.opening_fen, s.debit_fen, s.credit_fen,
       s.opening_fen + s.debit_fen - s.credit_fen as closing_fen
from summed s
join bookkeeping.accounts a on a.business_id = :business_id and a.code = s.account_code
order by s.account_code;

-- name: profit_moved
-- Income and expense accounts of the span and of the year up to its end, without the closing
-- vouchers.
with months as (
  select :from_on::date as from_on, date_trunc('month', :from_on::date)::date as from_month,
         :year_on::date as year_on,
         :until_on::date as until_on, date_trunc('month', :until_on::date)::date as until_month
), booked as (
  select t.account_code,
         case when t.month_on >= m.from_month then t.debit_fen - t.credit_fen else 0 end as span,
         case when t.month_on >= m.year_on then t.debit_fen - t.credit_fen else 0 end as year
  from months m
  join bookkeeping.month_totals t
    on t.business_id = :business_id and t.month_on < m.until_month
   and t.month_on >= least(m.from_month, m.year_on)
  where t.account_code like '5%' and not t.closing
  union all
  select l.account_code, l.credit_fen - l.debit_fen, 0
  from months m
  join bookkeeping.lines l on l.business_id = :business_id
                          and l.dated_on >= m.from_month and l.dated_on < m.from_on
  where l.account_code like '5%' and not l.closing
  union all
  select l.account_code, l.debit_fen - l.credit_fen, l.debit_fen - l.credit_fen
  from months m
  join bookkeeping.lines l on l.business_id = :business_id
                          and l.dated_on >= m.until_month and l.dated_on < m.until_on
  where l.account_code like '5%' and not l.closing
)
select b.account_code as code, a.category, sum(b.span)::bigint as span_fen,
       sum(b.year)::bigint as year_fen
from booked b
join bookkeeping.accounts a on a.business_id = :business_id and a.code = b.account_code
group by b.account_code, a.category;

-- name: balances_at
-- Debit less credit of every account before each of some days.
with cuts as (
  select c.cut_on, date_trunc('month', c.cut_on)::date as month_on
  from unnest(:cuts::date[]) as c (cut_on)
), booked as (
  select c.cut_on, t.account_code, t.balance_fen
  from cuts c
  cross join lateral (
    select m.account_code, m.debit_fen - m.credit_fen as balance_fen
    from bookkeeping.month_totals m
    where m.business_id = :business_id and m.month_on < c.month_on
    union all
    select l.account_code, l.debit_fen - l.credit_fen
    from bookkeeping.lines l
    where l.business_id = :business_id and l.dated_on >= c.month_on and l.dated_on < c.cut_on) t
), summed as (
  select b.cut_on, b.account_code, sum(b.balance_fen)::bigint as balance_fen
  from booked b group by b.cut_on, b.account_code
)
select s.cut_on, s.account_code as code, a.category, s.balance_fen
from summed s
join bookkeeping.accounts a on a.business_id = :business_id and a.code = s.account_code;

-- name: parties_at
-- The same by customer and supplier, where their sign decides the line of the balance sheet.
with cuts as (
  select c.cut_on, date_trunc('month', c.cut_on)::date as month_on
  from unnest(:cuts::date[]) as c (cut_on)
), booked as (
  select c.cut_on, t.account_code, t.party_id, t.balance_fen
  from cuts c
  cross join lateral (
    select m.account_code, m.party_id, m.debit_fen - m.credit_fen as balance_fen
    from bookkeeping.party_totals m
    where m.business_id = :business_id and m.month_on < c.month_on
    union all
    select l.account_code, l.party_id, l.debit_fen - l.credit_fen
    from bookkeeping.lines l
    where l.business_id = :business_id and l.dated_on >= c.month_on and l.dated_on < c.cut_on
      and l.party_id <> '00000000-0000-0000-0000-000000000000') t
)
select b.cut_on, b.account_code as code, b.party_id, sum(b.balance_fen)::bigint as balance_fen
from booked b group by b.cut_on, b.account_code, b.party_id
having sum(b.balance_fen) <> 0;

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
