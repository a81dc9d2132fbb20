-- migrate:up
-- A receipt belongs to a booked line, whatever booked it; it is drawn when somebody wants it, and
-- every print is counted where whoever checks the receipt sees it.

alter table accounts.receipts
  add column account_id uuid,
  add column booked_on date,
  add column seq bigint,
  add column prints int not null default 1;
alter table accounts.receipts alter column prints set default 0;

update accounts.receipts r set account_id = p.account_id, booked_on = p.booked_on, seq = p.seq
from accounts.payments o
join ledger.entry_keys k
  on k.business_id = o.business_id and k.kind = 'payment' and k.business_key = o.id::text
join ledger.postings p
  on p.business_id = k.business_id and p.account_id = o.account_id
  and p.booked_on = k.booked_on and p.entry_id = k.entry_id
where r.source = 'payment' and o.business_id = r.business_id and o.id = r.source_id;
update accounts.receipts r set account_id = p.account_id, booked_on = p.booked_on, seq = p.seq
from accounts.incoming_credits c
join ledger.entry_keys k
  on k.business_id = c.business_id and k.business_key = c.reference
  and k.kind = case c.source when 'outside' then 'credit' else 'payment' end
join ledger.postings p
  on p.business_id = k.business_id and p.account_id = c.account_id
  and p.booked_on = k.booked_on and p.entry_id = k.entry_id
where r.source = 'credit' and c.business_id = r.business_id and c.id = r.source_id;

alter table accounts.receipts
  alter column account_id set not null,
  alter column booked_on set not null,
  alter column seq set not null,
  alter column file_id drop not null,
  drop constraint one_receipt_per_movement,
  drop constraint receipt_source_is_known,
  drop column source,
  drop column source_id,
  add constraint one_receipt_per_line unique (business_id, account_id, booked_on, seq),
  add constraint prints_are_counted check (prints >= 0),
  add constraint receipt_is_of_an_account_of_the_firm
    foreign key (business_id, account_id) references accounts.deposits (business_id, id);

-- The number of prints is the one thing of a published receipt that changes, and only upward.
alter table accounts.receipt_directory add column prints int not null default 1;
alter table accounts.receipt_directory alter column prints set default 0;
alter table accounts.receipt_directory add column kind text not null default '转账';
create policy firm_counts_its_prints on accounts.receipt_directory for update to app, worker
  using (business_id = core.business()) with check (business_id = core.business());
grant update (prints) on accounts.receipt_directory to app, worker;
create function accounts.prints_only_grow() returns trigger language plpgsql as $$
begin
  if new.prints <= old.prints then
    raise exception 'prints are counted upward' using errcode = 'XW002';
  end if;
  return new;
end $$;
create trigger prints_only_grow before update of prints on accounts.receipt_directory
  for each row execute function accounts.prints_only_grow();

-- migrate:down
-- forward only
