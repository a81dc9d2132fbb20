-- migrate:up
-- Statutory numbers with their dates and sources, the calendar, published deadlines.

create schema reference;
grant usage on schema reference to app, portal, desk, worker, nightly, verify;

create table reference.statutory_values (
  kind text not null,
  region text not null,
  valid daterange not null,
  value jsonb not null,
  source text not null,
  confidence text not null,
  constraint one_value_at_a_time primary key (kind, region, valid without overlaps),
  constraint value_has_a_source check (source <> '')
);
select core.reference_table('reference.statutory_values');

create table reference.special_days (
  day date primary key,
  kind text not null,
  festival text not null,
  constraint special_day_kind_is_known check (kind in ('holiday', 'makeup_workday'))
);
select core.reference_table('reference.special_days');

create table reference.filing_deadlines (
  month_on date primary key,
  due_on date not null,
  source text not null,
  constraint deadline_month_starts_on_the_first check (extract(day from month_on) = 1),
  constraint deadline_lies_in_its_month check (due_on >= month_on and due_on < month_on + 31)
);
select core.reference_table('reference.filing_deadlines');

-- migrate:down
-- forward only
