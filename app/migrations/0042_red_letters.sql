-- migrate:up
-- Red-letter invoices (红字): an issued invoice is never void, only taken back by another.

alter table invoicing.invoices
  add column red_amount_fen bigint not null default 0,
  add column red_tax_fen bigint not null default 0,
  add constraint no_more_is_taken_back_than_was_invoiced
    check (red_amount_fen between 0 and amount_fen and red_tax_fen between 0 and tax_fen);

create table invoicing.red_letters (
  business_id uuid not null,
  id uuid not null,
  invoice_id uuid not null,
  state text not null default 'submitted',
  reason text not null,
  number text,
  issued_on date not null,
  lines jsonb not null,
  amount_fen bigint not null,
  tax_fen bigint not null,
  total_fen bigint not null,
  restores_quota boolean not null,
  made_by uuid,
  created_at timestamptz not null,
  issued_at timestamptz,
  refusal text,
  pdf_file_id uuid,
  xml_file_id uuid,
  primary key (business_id, id),
  constraint red_number_is_given_once unique (business_id, number),
  constraint red_state_is_known check (state in ('submitted', 'issued', 'refused')),
  constraint red_reason_is_known check (reason in ('01', '02', '03', '04')),
  constraint red_number_has_20_digits check (number ~ '^[0-9]{20}$'),
  constraint only_issued_red_letters_have_a_number check ((state = 'issued') = (number is not null)),
  constraint an_issued_red_letter_has_its_moment check ((state = 'issued') = (issued_at is not null)),
  constraint red_amounts_are_below_zero check (amount_fen < 0 and tax_fen <= 0),
  constraint red_net_and_tax_make_gross check (amount_fen + tax_fen = total_fen),
  foreign key (business_id, invoice_id) references invoicing.invoices (business_id, id)
);
create index red_letters_of_an_invoice on invoicing.red_letters (business_id, invoice_id);
create index red_letters_newest on invoicing.red_letters (business_id, created_at desc, id desc);
select core.tenant_table('invoicing.red_letters');

create function invoicing.keep_red_text() returns trigger language plpgsql as $$
begin
  if (old.invoice_id, old.reason, old.lines, old.amount_fen, old.tax_fen, old.total_fen)
       is distinct from
     (new.invoice_id, new.reason, new.lines, new.amount_fen, new.tax_fen, new.total_fen)
     or old.state <> 'submitted' and (new.state, new.number) is distinct from (old.state, old.number)
  then
    raise exception 'a red letter does not change' using errcode = 'XW041';
  end if;
  return new;
end $$;
create trigger red_text_is_frozen before update on invoicing.red_letters
  for each row execute function invoicing.keep_red_text();
create trigger red_letters_are_never_deleted before delete on invoicing.red_letters
  for each row execute function core.refuse_change();
create trigger red_letters_are_never_emptied before truncate on invoicing.red_letters
  for each statement execute function core.refuse_change();

-- What a buyer no longer owes because it was taken back.
alter table invoicing.receivables
  add column credited_fen bigint not null default 0,
  drop constraint settled_means_paid,
  add constraint settled_means_paid_or_taken_back
    check ((settled_at is not null) = (paid_fen + credited_fen >= amount_fen)),
  add constraint no_more_is_credited_than_was_owed check (credited_fen between 0 and amount_fen);

create table invoicing.credits (
  business_id uuid not null,
  red_letter_id uuid not null,
  receivable_id uuid not null,
  amount_fen bigint not null,
  credited_at timestamptz not null,
  primary key (business_id, red_letter_id),
  constraint credit_is_positive check (amount_fen > 0),
  foreign key (business_id, red_letter_id) references invoicing.red_letters (business_id, id),
  foreign key (business_id, receivable_id) references invoicing.receivables (business_id, id)
);
create index credits_of_a_receivable on invoicing.credits (business_id, receivable_id);
select core.tenant_table('invoicing.credits');
revoke update on invoicing.credits from app, worker;
create trigger credits_are_final before update or delete on invoicing.credits
  for each row execute function core.refuse_change();
create trigger credits_are_never_emptied before truncate on invoicing.credits
  for each statement execute function core.refuse_change();

-- migrate:down
-- forward only
