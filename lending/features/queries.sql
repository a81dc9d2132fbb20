-- name: registered_at
-- When the firm came to the bank's knowledge as a firm.
select founded_at from identity.business_directory where business_id = :business_id;

-- name: settlement
-- Twelve months of money in, months with any, payments that failed, ninety days' mean balance.
with days as (
  select d::date as day from generate_series(:today::date - 90, :today::date - 1, interval '1 day') d
), closing as (
  select d.day, sum(coalesce((
    select p.balance_after_fen from ledger.postings p
    where p.business_id = :business_id and p.account_id = a.id and p.booked_on <= d.day
    order by p.booked_on desc, p.seq desc limit 1), 0)) as fen
  from days d
  join accounts.deposits a on a.business_id = :business_id and a.opened_on <= d.day
  group by d.day
), came as (
  select received_on, amount_fen from accounts.incoming_credits
  where business_id = :business_id and received_on >= (:today::date - interval '1 year')::date
)
select (select count(distinct date_trunc('month', received_on)) from came)::int as months_active,
       (select coalesce(sum(amount_fen), 0) from came)::bigint as inflow_12m_fen,
       (select coalesce(avg(fen), 0) from closing)::bigint as average_balance_fen,
       (select count(*) from accounts.payments
        where business_id = :business_id and state in ('failed', 'returned')
          and finished_at >= :now::timestamptz - interval '1 year')::int as returned_payments_12m;

-- name: sales
-- Twelve months of issued invoices without tax, what was cancelled, and the largest buyer.
with issued as (
  select buyer_name, amount_fen from invoicing.invoices
  where business_id = :business_id and state = 'issued'
    and issued_on > (:today::date - interval '1 year')::date
), buyers as (
  select sum(amount_fen) as fen from issued where amount_fen > 0 group by buyer_name
)
select (select coalesce(sum(amount_fen), 0) from issued)::bigint as invoiced_12m_fen,
       (select coalesce(-sum(amount_fen) filter (where amount_fen < 0), 0) from issued)::bigint
         as red_fen,
       (select coalesce(max(fen), 0) from buyers)::bigint as top_customer_fen;

-- name: wages_and_tax
-- People on the last payroll of the quarter, and the firm's own taxes in returns that the tax
-- platform receipted in twelve months (null without any return: then nothing is known).
select (select count(distinct l.employee_id) from bookkeeping.payroll_lines l
        where l.business_id = :business_id and l.state = 'settled' and l.run_id = (
          select r.id from bookkeeping.payroll_runs r
          where r.business_id = :business_id and r.state = 'paid'
            and r.pay_on > (:today::date - interval '3 months')::date
          order by r.month_on desc, r.people desc limit 1))::int as payroll_headcount,
       (select sum(t.payable_fen) from bookkeeping.tax_returns t
        where t.business_id = :business_id and t.state = 'filed' and t.tax <> 'iit_withholding'
          and t.period_until > (:today::date - interval '1 year')::date)::bigint
         as tax_filed_12m_fen;

-- name: overdue_here
-- How many days the firm's worst loan is overdue with us.
select coalesce(max(overdue_days), 0) from lending.loans
where business_id = :business_id and state = 'overdue';

-- name: keep_snapshot
-- Features are kept as they were on the day, for explaining the decision later.
insert into lending.feature_snapshots (business_id, id, taken_on, features, taken_at)
values (:business_id, :id, :today, :features, :now);
