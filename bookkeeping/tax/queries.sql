-- name: profile
-- What the firm told about itself.
select taxpayer, city_tax_class, version from bookkeeping.taxpayers
where business_id = :business_id;

-- name: begin_profile
-- The first one; a concurrent first one wins and is found changed.
insert into bookkeeping.taxpayers (business_id, taxpayer, city_tax_class, version)
values (:business_id, :taxpayer, :city_tax_class, 1)
on conflict (business_id) do nothing;

-- name: change_profile
-- Only the version that was seen is replaced.
update bookkeeping.taxpayers
set taxpayer = :taxpayer, city_tax_class = :city_tax_class, version = version + 1
where business_id = :business_id and version = :version;

-- name: wages_withheld
-- Wages by their day of payment: what the withholding return of a month declares.
select count(distinct l.employee_id)::int as people,
       coalesce(sum(l.gross_fen), 0)::bigint as income_fen,
       coalesce(sum(l.social_fen + l.housing_fund_fen), 0)::bigint as social_fen,
       coalesce(sum(l.additional_fen), 0)::bigint as additional_fen,
       coalesce(sum(l.tax_fen), 0)::bigint as tax_fen
from bookkeeping.payroll_runs r
join bookkeeping.payroll_lines l on l.business_id = r.business_id and l.run_id = r.id
where r.business_id = :business_id and r.state in ('sent', 'paid')
  and r.sent_on >= :from_on and r.sent_on < :until_on;

-- name: staff_at
-- How many are employed at the end of some days, in their order.
select d.on_day, count(e.id)::int as staff
from unnest(:days::date[]) as d (on_day)
left join bookkeeping.employees e
  on e.business_id = :business_id and e.joined_on <= d.on_day
  and (e.left_on is null or e.left_on > d.on_day)
group by d.on_day order by d.on_day;

-- name: vat_of
-- The VAT return of a period, on which the surcharges stand.
select payable_fen from bookkeeping.tax_returns
where business_id = :business_id and tax = 'vat' and period_from = :period_from;

-- name: vat_state
-- Whether the VAT return of a period is on its way.
select state from bookkeeping.tax_returns
where business_id = :business_id and tax = 'vat' and period_from = :period_from;

-- name: prepaid
-- Income tax of the year's earlier quarters.
select coalesce(sum(payable_fen), 0)::bigint from bookkeeping.tax_returns
where business_id = :business_id and tax = 'cit' and period_from >= :year_on
  and period_from < :period_from;

-- name: lock_period
-- The return of a tax and period, if there is one.
select id, tax, period_from, period_until, due_on, figures, payable_fen, state, version,
       computed_no, submitted_on, receipt_number, refusal
from bookkeeping.tax_returns
where business_id = :business_id and tax = :tax and period_from = :period_from
for no key update;

-- name: lock_return
-- One step of a return at a time.
select id, tax, period_from, period_until, due_on, figures, payable_fen, state, version,
       computed_no, submitted_on, receipt_number, refusal
from bookkeeping.tax_returns where business_id = :business_id and id = :id for no key update;

-- name: return_
-- One return.
select id, tax, period_from, period_until, due_on, figures, payable_fen, state, version,
       computed_no, submitted_on, receipt_number, refusal
from bookkeeping.tax_returns where business_id = :business_id and id = :id;

-- name: returns_page
-- Returns, the newest period first; one row more than the page.
select id, tax, period_from, period_until, due_on, figures, payable_fen, state, version,
       computed_no, submitted_on, receipt_number, refusal
from bookkeeping.tax_returns
where business_id = :business_id
  and (:after_on::date is null or (period_from, tax) < (:after_on::date, :after_tax::text))
order by period_from desc, tax desc limit :limit::int;

-- name: add_return
-- Computed for the first time.
insert into bookkeeping.tax_returns
  (business_id, id, tax, period_from, period_until, due_on, figures, payable_fen, computed_at)
values
  (:business_id, :id, :tax, :period_from, :period_until, :due_on, :figures, :payable_fen, :now);

-- name: save_return
-- The state decided by the rules, or figures computed again.
update bookkeeping.tax_returns
set figures = :figures, payable_fen = :payable_fen, state = :state, version = :version,
    computed_no = :computed_no, submitted_on = :submitted_on, receipt_number = :receipt_number,
    refusal = :refusal, computed_at = :now
where business_id = :business_id and id = :id;
