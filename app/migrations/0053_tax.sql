-- migrate:up
-- What a firm is for the tax bureau, and its returns.

-- No row: a small-scale taxpayer in a city, as new firms are.
create table bookkeeping.taxpayers (
  business_id uuid not null,
  taxpayer text not null,
  city_tax_class text not null,
  version int not null,
  primary key (business_id),
  constraint taxpayer_is_known check (taxpayer in ('small_scale', 'general')),
  constraint city_tax_class_is_known check (city_tax_class in ('city', 'county_town', 'other'))
);
select core.tenant_table('bookkeeping.taxpayers');

create table bookkeeping.tax_returns (
  business_id uuid not null,
  id uuid not null,
  tax text not null,
  period_from date not null,
  period_until date not null,
  due_on date not null,
  figures jsonb not null,
  payable_fen bigint not null,
  state text not null default 'computed',
  version int not null default 1,
  computed_no int not null default 1,
  computed_at timestamptz not null,
  submitted_on date,
  receipt_number text,
  refusal text not null default '',
  primary key (business_id, id),
  constraint one_return_per_tax_and_period unique (business_id, tax, period_from),
  constraint tax_is_known check (tax in ('vat', 'surcharges', 'cit', 'iit_withholding')),
  constraint return_period_is_a_span check (period_from < period_until),
  constraint nothing_negative_is_paid check (payable_fen >= 0),
  constraint return_state_is_known check (state in ('computed', 'submitted', 'filed', 'refused')),
  constraint a_filed_return_has_its_receipt check ((state = 'filed') = (receipt_number is not null)),
  constraint only_finished_periods_are_filed check (submitted_on >= period_until)
);
create index tax_returns_newest on bookkeeping.tax_returns
  (business_id, period_from desc, tax);
create index tax_returns_open on bookkeeping.tax_returns (business_id, due_on)
  where state in ('computed', 'refused');
select core.tenant_table('bookkeeping.tax_returns');

-- What the bureau has taken is not changed here any more.
create function bookkeeping.guard_return() returns trigger language plpgsql as $$
begin
  if old.state = 'filed' then
    raise exception 'a filed return does not change' using errcode = 'XW053';
  end if;
  if old.state = 'submitted' and (new.figures, new.payable_fen) is distinct from
     (old.figures, old.payable_fen) then
    raise exception 'a submitted return does not change' using errcode = 'XW053';
  end if;
  return new;
end $$;
create trigger filed_returns_do_not_change before update on bookkeeping.tax_returns
  for each row execute function bookkeeping.guard_return();

-- migrate:down
-- forward only
