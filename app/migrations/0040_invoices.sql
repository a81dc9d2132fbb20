-- migrate:up
-- Electronic invoices (数电票), the month's quota, and what buyers owe.

create schema invoicing;
grant usage on schema invoicing to app, worker, desk, nightly, verify;

create table invoicing.invoices (
  business_id uuid not null,
  id uuid not null,
  state text not null,
  version int not null default 1,
  kind text not null,
  number text,
  issued_on date,
  buyer_name text not null,
  buyer_uscc text,
  buyer_email_sealed bytea,
  seller_name text not null,
  seller_uscc text not null,
  lines jsonb not null,
  amount_fen bigint not null,
  tax_fen bigint not null,
  total_fen bigint not null,
  remark text not null default '',
  drawer text not null default '',
  quota_month_on date,
  made_by uuid,
  created_at timestamptz not null,
  submitted_at timestamptz,
  issued_at timestamptz,
  refusal text,
  pdf_file_id uuid,
  xml_file_id uuid,
  primary key (business_id, id),
  constraint invoice_number_is_given_once unique (business_id, number),
  constraint invoice_state_is_known check (state in ('draft', 'submitted', 'issued', 'refused')),
  constraint invoice_kind_is_known check (kind in ('special', 'ordinary')),
  constraint invoice_number_has_20_digits check (number ~ '^[0-9]{20}$'),
  constraint only_issued_invoices_have_a_number check ((state = 'issued') = (number is not null)),
  constraint an_issued_invoice_has_its_moment check ((state = 'issued') = (issued_at is not null)),
  constraint a_submitted_invoice_has_a_date
    check (state not in ('submitted', 'issued') or (issued_on is not null
           and quota_month_on is not null and submitted_at is not null)),
  constraint special_invoice_names_a_registered_buyer
    check (kind = 'ordinary' or buyer_uscc is not null),
  constraint net_and_tax_make_gross check (amount_fen + tax_fen = total_fen),
  constraint blue_amounts_are_not_negative check (amount_fen >= 0 and tax_fen >= 0),
  constraint invoice_amount_is_bounded check (total_fen <= 1000000000000000)
);
create index invoices_newest on invoicing.invoices (business_id, created_at desc, id desc);
create index invoices_by_date on invoicing.invoices (business_id, issued_on)
  where state = 'issued';
select core.tenant_table('invoicing.invoices');

-- From submission on the text of an invoice never changes; once issued only its files are added.
create function invoicing.keep_invoice_text() returns trigger language plpgsql as $$
begin
  if old.state in ('submitted', 'issued') and (
       (old.kind, old.buyer_name, old.buyer_uscc, old.seller_name, old.seller_uscc, old.lines,
        old.amount_fen, old.tax_fen, old.total_fen, old.remark)
       is distinct from
       (new.kind, new.buyer_name, new.buyer_uscc, new.seller_name, new.seller_uscc, new.lines,
        new.amount_fen, new.tax_fen, new.total_fen, new.remark)
     or old.state = 'issued' and (new.state, new.number, new.issued_on)
       is distinct from (old.state, old.number, old.issued_on)) then
    raise exception 'an invoice does not change once submitted' using errcode = 'XW040';
  end if;
  return new;
end $$;
create trigger invoice_text_is_frozen before update on invoicing.invoices
  for each row execute function invoicing.keep_invoice_text();
create trigger invoices_are_never_deleted before delete on invoicing.invoices
  for each row execute function core.refuse_change();
create trigger invoices_are_never_emptied before truncate on invoicing.invoices
  for each statement execute function core.refuse_change();

-- 发票总额度 by month: what is used is counted here, the limit is the tax platform's word.
create table invoicing.quotas (
  business_id uuid not null,
  month_on date not null,
  limit_fen bigint,
  used_fen bigint not null default 0,
  primary key (business_id, month_on),
  constraint quota_month_starts_on_the_first check (extract(day from month_on) = 1),
  constraint used_quota_is_not_negative check (used_fen >= 0)
);
select core.tenant_table('invoicing.quotas');

create table invoicing.receivables (
  business_id uuid not null,
  id uuid not null,
  invoice_id uuid not null,
  invoice_number text not null,
  buyer_name text not null,
  amount_fen bigint not null,
  paid_fen bigint not null default 0,
  issued_on date not null,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (business_id, id),
  constraint one_receivable_per_invoice unique (business_id, invoice_id),
  constraint receivable_is_positive check (amount_fen > 0),
  constraint nobody_pays_more_than_is_owed check (paid_fen between 0 and amount_fen),
  constraint settled_means_paid check ((settled_at is not null) = (paid_fen = amount_fen)),
  foreign key (business_id, invoice_id) references invoicing.invoices (business_id, id)
);
create index receivables_open on invoicing.receivables (business_id, issued_on, id)
  where settled_at is null;
create index receivables_newest on invoicing.receivables (business_id, issued_on desc, id desc);
select core.tenant_table('invoicing.receivables');

-- Money that came in, as the receivables see it: how much of it found an invoice.
create table invoicing.incoming (
  business_id uuid not null,
  receipt_id uuid not null,
  amount_fen bigint not null,
  allocated_fen bigint not null default 0,
  outcome text not null,
  suggestions jsonb not null default '[]',
  seen_at timestamptz not null,
  primary key (business_id, receipt_id),
  constraint incoming_is_positive check (amount_fen > 0),
  constraint no_receipt_is_spent_twice check (allocated_fen between 0 and amount_fen),
  constraint outcome_is_known
    check (outcome in ('number_in_remark', 'amount_and_payer', 'ambiguous', 'none'))
);
create index incoming_unallocated on invoicing.incoming (business_id, seen_at, receipt_id)
  where allocated_fen < amount_fen;
select core.tenant_table('invoicing.incoming');

create table invoicing.allocations (
  business_id uuid not null,
  receipt_id uuid not null,
  receivable_id uuid not null,
  amount_fen bigint not null,
  reason text not null,
  allocated_by text not null,
  allocated_at timestamptz not null,
  primary key (business_id, receipt_id, receivable_id),
  constraint allocation_is_positive check (amount_fen > 0),
  constraint allocation_reason_is_known
    check (reason in ('number_in_remark', 'amount_and_payer', 'owner')),
  foreign key (business_id, receipt_id) references invoicing.incoming (business_id, receipt_id),
  foreign key (business_id, receivable_id) references invoicing.receivables (business_id, id)
);
create index allocations_by_receivable on invoicing.allocations (business_id, receivable_id);
select core.tenant_table('invoicing.allocations');
revoke update on invoicing.allocations from app, worker;
create trigger allocations_are_final before update or delete on invoicing.allocations
  for each row execute function core.refuse_change();
create trigger allocations_are_never_emptied before truncate on invoicing.allocations
  for each statement execute function core.refuse_change();

-- migrate:down
-- forward only
