-- name: latest
-- What a new run must respect; the one-at-a-time index catches who comes at the same moment.
select
  (select r.id from bookkeeping.payroll_runs r
   where r.business_id = :business_id and r.state in ('draft', 'submitted', 'approved')) as open_id,
  (select max(r.pay_on) from bookkeeping.payroll_runs r
   where r.business_id = :business_id and r.state in ('approved', 'sent', 'paid'))
    as last_pay_on,
  (select count(*)::int from bookkeeping.payroll_runs r
   where r.business_id = :business_id and r.month_on = :month_on
     and r.state in ('approved', 'sent', 'paid')) as runs_of_month,
  (select coalesce(max(r.run_no), 0) + 1 from bookkeeping.payroll_runs r
   where r.business_id = :business_id and r.month_on = :month_on) as next_no;

-- name: pay_account
-- Wages leave from the basic account (人民币银行结算账户管理办法 Art. 11).
select id from accounts.deposits
where business_id = :business_id and account_class = 'basic' and state <> 'closed';

-- name: so_far
-- Each employee's tax year and pay month before a run, and the whole year before that.
select l.employee_id,
  coalesce(sum(l.gross_fen - l.social_fen - l.housing_fund_fen - l.additional_fen)
    filter (where r.pay_on >= :year_on), 0)::bigint as net_fen,
  coalesce(sum(l.tax_fen) filter (where r.pay_on >= :year_on), 0)::bigint as withheld_fen,
  coalesce(sum(l.additional_fen) filter (where r.pay_on >= :pay_month_on), 0)::bigint
    as additional_in_month_fen,
  (count(distinct date_trunc('month', r.pay_on)) filter (where r.pay_on < :year_on))::int
    as prior_months,
  coalesce(sum(l.gross_fen) filter (where r.pay_on < :year_on), 0)::bigint as prior_income_fen
from bookkeeping.payroll_lines l
join bookkeeping.payroll_runs r on r.business_id = l.business_id and r.id = l.run_id
where l.business_id = :business_id and r.state in ('approved', 'sent', 'paid')
  and r.pay_on >= :prior_year_on and l.employee_id = any(:employees::uuid[])
group by l.employee_id;

-- name: add_run
-- The run with its totals, as computed from its lines.
insert into bookkeeping.payroll_runs
  (business_id, id, month_on, run_no, further, reason, pay_on, account_id, people, gross_fen,
   social_fen, housing_fund_fen, tax_fen, net_fen, employer_social_fen,
   employer_housing_fund_fen, made_by, made_at)
values
  (:business_id, :id, :month_on, :run_no, :further, :reason, :pay_on, :account_id, :people, :gross_fen,
   :social_fen, :housing_fund_fen, :tax_fen, :net_fen, :employer_social_fen,
   :employer_housing_fund_fen, :person_id, :now);

-- name: add_lines
-- All lines of a run by one statement, each with its employee's sealed data as it stands now.
insert into bookkeeping.payroll_lines
  (business_id, run_id, employee_id, no, batch_no, who_sealed, bank_code, gross_fen, social_fen,
   housing_fund_fen, additional_fen, taxable_fen, rate_ppm, tax_fen, net_fen,
   employer_social_fen, employer_housing_fund_fen)
select e.business_id, :run_id, e.id, l.no, l.batch_no, e.who_sealed, e.bank_code, l.gross,
       l.social, l.fund, l.additional, l.taxable, l.rate, l.tax, l.net, l.employer_social,
       l.employer_fund
from unnest(:employees::uuid[], :nos::int[], :batch_nos::int[], :gross_fen::bigint[],
  :social_fen::bigint[], :housing_fund_fen::bigint[], :additional_fen::bigint[],
  :taxable_fen::bigint[], :rate_ppm::int[], :tax_fen::bigint[], :net_fen::bigint[],
  :employer_social_fen::bigint[], :employer_housing_fund_fen::bigint[])
  as l (employee_id, no, batch_no, gross, social, fund, additional, taxable, rate, tax, net,
        employer_social, employer_fund)
join bookkeeping.employees e on e.business_id = :business_id and e.id = l.employee_id;

-- name: add_components
-- What each line is made of.
insert into bookkeeping.payroll_components
  (business_id, run_id, employee_id, component, amount_fen)
select :business_id, :run_id, c.*
from unnest(:employees::uuid[], :components::text[], :amounts::bigint[]) c;

-- name: run
-- One run with its totals.
select id, month_on, run_no, reason, pay_on, account_id, state, version, people, gross_fen,
       social_fen, housing_fund_fen, tax_fen, net_fen, employer_social_fen,
       employer_housing_fund_fen, settled_fen, failed_fen, made_by, sent_on, paid_at
from bookkeeping.payroll_runs where business_id = :business_id and id = :id;

-- name: lock_run
-- One step of a run at a time.
select id, month_on, run_no, reason, pay_on, account_id, state, version, people, gross_fen,
       social_fen, housing_fund_fen, tax_fen, net_fen, employer_social_fen,
       employer_housing_fund_fen, settled_fen, failed_fen, made_by, sent_on, paid_at
from bookkeeping.payroll_runs where business_id = :business_id and id = :id for no key update;

-- name: runs_page
-- Runs newest first, one row more than the page.
select id, month_on, run_no, reason, pay_on, account_id, state, version, people, gross_fen,
       social_fen, housing_fund_fen, tax_fen, net_fen, employer_social_fen,
       employer_housing_fund_fen, settled_fen, failed_fen, made_by, sent_on, paid_at
from bookkeeping.payroll_runs
where business_id = :business_id and (:after_id::uuid is null or id < :after_id)
order by id desc limit :limit::int;

-- name: lines
-- Lines of a run with their components in the order of payment, one more than the page.
select l.employee_id, l.no, l.gross_fen, l.social_fen, l.housing_fund_fen,
       l.additional_fen, l.taxable_fen, l.rate_ppm, l.tax_fen, l.net_fen, l.employer_social_fen,
       l.employer_housing_fund_fen, l.state, l.failure, l.who_sealed, l.bank_code, l.payslip_id,
       coalesce(c.components, '{}'::jsonb) as components
from bookkeeping.payroll_lines l
left join lateral (
  select jsonb_object_agg(p.component, p.amount_fen) as components
  from bookkeeping.payroll_components p
  where p.business_id = l.business_id and p.run_id = l.run_id and p.employee_id = l.employee_id
) c on true
where l.business_id = :business_id and l.run_id = :run_id and l.no > :after_no
order by l.no limit :limit::int;

-- name: payslip_id
-- The document of one line; null until it is made.
select payslip_id from bookkeeping.payroll_lines
where business_id = :business_id and run_id = :run_id and employee_id = :employee_id;

-- name: payable_lines
-- A batch of a run, or all of it: lines that carry money.
select employee_id, no, batch_no, net_fen, state, who_sealed, bank_code
from bookkeeping.payroll_lines
where business_id = :business_id and run_id = :run_id and net_fen > 0
  and (:batch_no::int is null or batch_no = :batch_no)
order by no;

-- name: move_run
-- The state decided by the rules.
update bookkeeping.payroll_runs set state = :state, version = :version, sent_on = :sent_on
where business_id = :business_id and id = :id;

-- name: settle_nothing
-- Lines without money have nothing to wait for.
update bookkeeping.payroll_lines set state = 'settled'
where business_id = :business_id and run_id = :run_id and net_fen = 0 and state = 'waiting';

-- name: record_outcomes
-- What the clearing house told, line by line.
update bookkeeping.payroll_lines l set state = o.state, failure = o.failure
from unnest(:employees::uuid[], :states::text[], :failures::text[]) o(employee_id, state, failure)
where l.business_id = :business_id and l.run_id = :run_id and l.employee_id = o.employee_id;

-- name: total_outcomes
-- The run's outcomes summed from its lines; a run is paid when no line waits.
update bookkeeping.payroll_runs r
set settled_fen = t.settled_fen, failed_fen = t.failed_fen,
    state = case when t.waiting = 0 then 'paid' else r.state end,
    paid_at = case when t.waiting = 0 then coalesce(r.paid_at, :now) end,
    version = r.version + 1
from (
  select coalesce(sum(net_fen) filter (where state = 'settled'), 0)::bigint as settled_fen,
         coalesce(sum(net_fen) filter (where state in ('failed', 'returned')), 0)::bigint
           as failed_fen,
         count(*) filter (where state = 'waiting') as waiting
  from bookkeeping.payroll_lines where business_id = :business_id and run_id = :id
) t
where r.business_id = :business_id and r.id = :id and r.state in ('sent', 'paid');

-- name: firms_with_runs_due
-- For the clock: firms with something to pay on that date.
select business_id from bookkeeping.firms_with_runs_due(:on);

-- name: due_runs
-- Approved runs whose pay day has come.
select id from bookkeeping.payroll_runs
where business_id = :business_id and state = 'approved' and pay_on <= :today order by pay_on, id;

-- name: arrived
-- What the payees got, also where another bank sent it back later.
select coalesce(sum(net_fen) filter (where state in ('settled', 'returned')), 0)::bigint
from bookkeeping.payroll_lines where business_id = :business_id and run_id = :run_id;

-- name: without_payslip
-- The next lines whose payslip has not been made.
select l.employee_id, l.no, l.gross_fen, l.social_fen, l.housing_fund_fen,
       l.additional_fen, l.taxable_fen, l.rate_ppm, l.tax_fen, l.net_fen, l.employer_social_fen,
       l.employer_housing_fund_fen, l.state, l.failure, l.who_sealed, l.bank_code, l.payslip_id,
       coalesce(c.components, '{}'::jsonb) as components
from bookkeeping.payroll_lines l
left join lateral (
  select jsonb_object_agg(p.component, p.amount_fen) as components
  from bookkeeping.payroll_components p
  where p.business_id = l.business_id and p.run_id = l.run_id and p.employee_id = l.employee_id
) c on true
where l.business_id = :business_id and l.run_id = :run_id and l.payslip_id is null
order by l.no limit :limit::int;

-- name: lock_without_payslip
-- The line, if it still has no payslip.
select employee_id from bookkeeping.payroll_lines
where business_id = :business_id and run_id = :run_id and employee_id = :employee_id
  and payslip_id is null for no key update;

-- name: keep_payslip
-- The first document of a line stands.
update bookkeeping.payroll_lines set payslip_id = :payslip_id
where business_id = :business_id and run_id = :run_id and employee_id = :employee_id
  and payslip_id is null;

-- name: own_payslips
-- The lines of one employee that have been paid, newest first.
select l.run_id, r.month_on, r.pay_on, l.employee_id, l.gross_fen, l.social_fen,
       l.housing_fund_fen, l.tax_fen, l.net_fen, l.state, l.payslip_id is not null as ready
from bookkeeping.payroll_lines l
join bookkeeping.payroll_runs r on r.business_id = l.business_id and r.id = l.run_id
where l.business_id = :business_id and l.employee_id = any(:employees::uuid[])
  and r.state in ('sent', 'paid')
order by r.pay_on desc, l.run_id desc limit 60;

-- name: mark_swept
-- Settled wages not yet swept to the bank itself, marked in the same statement.
select direction, business_id, account_id, amount_fen from bookkeeping.mark_wages_swept();
