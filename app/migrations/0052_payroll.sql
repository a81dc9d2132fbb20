-- migrate:up
-- Employees, payroll runs, their lines and components.

create table bookkeeping.employees (
  business_id uuid not null,
  id uuid not null,
  who_sealed bytea not null,
  resident_index bytea not null,
  phone_index bytea not null,
  bank_code text not null,
  base_wage_fen bigint not null,
  social_base_fen bigint not null,
  additional_fen bigint not null,
  housing_fund_ppm int,
  region text not null,
  joined_on date not null,
  left_on date,
  first_job boolean not null,
  state text not null default 'active',
  version int not null default 1,
  created_at timestamptz not null,
  primary key (business_id, id),
  constraint wage_is_positive check (base_wage_fen between 1 and 1000000000000),
  constraint social_base_is_positive check (social_base_fen between 1 and 1000000000000),
  constraint additional_deduction_is_not_negative check (additional_fen >= 0),
  constraint housing_fund_rate_is_legal check (housing_fund_ppm between 50000 and 120000),
  constraint employee_state_is_known check (state in ('active', 'left')),
  constraint who_left_has_a_last_day check ((state = 'left') = (left_on is not null)),
  constraint nobody_leaves_before_joining check (left_on >= joined_on)
);
create unique index one_employment_per_person on bookkeeping.employees
  (business_id, resident_index) where state = 'active';
create index employees_by_phone on bookkeeping.employees (business_id, phone_index);
select core.tenant_table('bookkeeping.employees');

create table bookkeeping.payroll_runs (
  business_id uuid not null,
  id uuid not null,
  month_on date not null,
  run_no int not null,
  reason text not null,
  pay_on date not null,
  account_id uuid not null,
  state text not null default 'draft',
  version int not null default 1,
  people int not null,
  gross_fen bigint not null,
  social_fen bigint not null,
  housing_fund_fen bigint not null,
  tax_fen bigint not null,
  net_fen bigint not null,
  employer_social_fen bigint not null,
  employer_housing_fund_fen bigint not null,
  settled_fen bigint not null default 0,
  failed_fen bigint not null default 0,
  swept_fen bigint not null default 0,
  made_by uuid not null,
  made_at timestamptz not null,
  sent_on date,
  further boolean not null,
  paid_at timestamptz,
  primary key (business_id, id),
  constraint runs_of_a_month_are_numbered unique (business_id, month_on, run_no),
  constraint a_further_run_of_a_month_has_a_reason check (not further or reason <> ''),
  constraint run_month_starts_on_the_first check (extract(day from month_on) = 1),
  constraint wages_are_not_paid_before_their_month check (pay_on >= month_on),
  constraint run_has_people check (people > 0),
  constraint run_adds_up
    check (net_fen = gross_fen - social_fen - housing_fund_fen - tax_fen and net_fen >= 0),
  constraint outcomes_do_not_exceed_the_run
    check (settled_fen >= 0 and failed_fen >= 0 and settled_fen + failed_fen <= net_fen),
  constraint a_paid_run_has_all_outcomes
    check (state <> 'paid' or (settled_fen + failed_fen = net_fen and paid_at is not null)),
  constraint run_state_is_known check (state in
    ('draft', 'submitted', 'rejected', 'cancelled', 'approved', 'sent', 'paid'))
);
-- Withholding looks at the year so far, so two runs are never prepared side by side.
create unique index one_run_is_prepared_at_a_time on bookkeeping.payroll_runs (business_id)
  where state in ('draft', 'submitted', 'approved');
create index payroll_runs_by_pay_day on bookkeeping.payroll_runs (business_id, pay_on);
create index payroll_runs_unswept on bookkeeping.payroll_runs (business_id)
  where state in ('sent', 'paid') and swept_fen <> settled_fen;
create index payroll_runs_waiting on bookkeeping.payroll_runs (business_id, pay_on)
  where state in ('approved', 'sent');
select core.tenant_table('bookkeeping.payroll_runs');

-- Who is paid, and where, is the employee's sealed data as it stood when the run was made.
create table bookkeeping.payroll_lines (
  business_id uuid not null,
  run_id uuid not null,
  employee_id uuid not null,
  no int not null,
  batch_no int not null,
  who_sealed bytea not null,
  bank_code text not null,
  gross_fen bigint not null,
  social_fen bigint not null,
  housing_fund_fen bigint not null,
  additional_fen bigint not null,
  taxable_fen bigint not null,
  rate_ppm int not null,
  tax_fen bigint not null,
  net_fen bigint not null,
  employer_social_fen bigint not null,
  employer_housing_fund_fen bigint not null,
  state text not null default 'waiting',
  failure text not null default '',
  payslip_id uuid,
  primary key (business_id, run_id, employee_id),
  constraint lines_of_a_run_are_numbered unique (business_id, run_id, no),
  constraint line_adds_up
    check (net_fen = gross_fen - social_fen - housing_fund_fen - tax_fen and net_fen >= 0),
  constraint tax_is_not_negative check (tax_fen >= 0 and taxable_fen >= 0),
  constraint line_state_is_known check (state in ('waiting', 'settled', 'failed', 'returned')),
  foreign key (business_id, run_id) references bookkeeping.payroll_runs (business_id, id),
  foreign key (business_id, employee_id) references bookkeeping.employees (business_id, id)
);
create index payroll_lines_by_employee on bookkeeping.payroll_lines (business_id, employee_id);
select core.tenant_table('bookkeeping.payroll_lines');

create table bookkeeping.payroll_components (
  business_id uuid not null,
  run_id uuid not null,
  employee_id uuid not null,
  component text not null,
  amount_fen bigint not null,
  constraint each_component_once primary key (business_id, run_id, employee_id, component),
  constraint component_is_known check (component in
    ('base_wage', 'overtime', 'bonus', 'absence', 'pension', 'medical', 'unemployment',
     'housing_fund', 'income_tax', 'employer_pension', 'employer_medical',
     'employer_unemployment', 'employer_injury', 'employer_housing_fund')),
  constraint only_absence_is_negative check ((amount_fen < 0) = (component = 'absence')),
  foreign key (business_id, run_id, employee_id)
    references bookkeeping.payroll_lines (business_id, run_id, employee_id)
);
select core.tenant_table('bookkeeping.payroll_components');
revoke update on bookkeeping.payroll_components from app, worker;

-- What was calculated stays as it was: a line only learns its outcome and its payslip.
create function bookkeeping.guard_line() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - 'state' - 'failure' - 'payslip_id')
     <> (to_jsonb(old) - 'state' - 'failure' - 'payslip_id') then
    raise exception 'a calculated wage does not change' using errcode = 'XW052';
  end if;
  if (old.state, new.state) not in
       (('waiting', 'waiting'), ('waiting', 'settled'), ('waiting', 'failed'),
        ('settled', 'settled'), ('settled', 'returned'), ('failed', 'failed'),
        ('returned', 'returned')) then
    raise exception 'an outcome is final' using errcode = 'XW052';
  end if;
  return new;
end $$;
create trigger calculated_wages_do_not_change before update on bookkeeping.payroll_lines
  for each row execute function bookkeeping.guard_line();

create function bookkeeping.guard_run() returns trigger language plpgsql as $$
declare
  moving text[] := array['state', 'version', 'sent_on', 'settled_fen', 'failed_fen', 'swept_fen',
                         'paid_at'];
begin
  if (to_jsonb(new) - moving) <> (to_jsonb(old) - moving) then
    raise exception 'a calculated run does not change' using errcode = 'XW052';
  end if;
  if old.state in ('rejected', 'cancelled') or (old.state = 'paid' and new.state <> 'paid') then
    raise exception 'the run has ended' using errcode = 'XW052';
  end if;
  return new;
end $$;
create trigger calculated_runs_do_not_change before update on bookkeeping.payroll_runs
  for each row execute function bookkeeping.guard_run();

-- What settled wages still owe the clearing house (or it owes, where one came back), by firm.
create function bookkeeping.mark_wages_swept()
  returns table (direction text, business_id uuid, account_id uuid, amount_fen bigint)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with marked as (
    update bookkeeping.payroll_runs r set swept_fen = r.settled_fen
    where r.state in ('sent', 'paid') and r.swept_fen <> r.settled_fen
    returning r.business_id, r.settled_fen - old.swept_fen as moved
  ), by_firm as (
    select business_id, sum(moved)::bigint as moved from marked
    group by business_id having sum(moved) <> 0
  )
  select case when f.moved > 0 then 'out' else 'in' end, f.business_id, a.id, abs(f.moved)
  from by_firm f
  join ledger.accounts a on a.business_id = f.business_id and a.kind = 'wages_in_transit'
    and a.currency = 'CNY'
  order by f.business_id
$$;
revoke execute on function bookkeeping.mark_wages_swept from public;
grant execute on function bookkeeping.mark_wages_swept to nightly;

-- migrate:down
-- forward only
