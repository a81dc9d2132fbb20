-- migrate:up
-- Long statements and many receipts at once, made in the background; each month's balances of
-- every account, and the letter by which a firm confirms them.

insert into accounts.policies (kind, valid, value, source) values
  ('statements.limits', '[2018-01-01,)',
   '{"at_once_lines": 1000, "at_once_messages": 250, "most_lines": 100000,
     "most_pdf_lines": 20000, "most_receipts": 300, "kept_days": 30}',
   'bank policy: beyond a thousand lines a statement is made in the background and kept 30 days'),
  ('statements.letters', '[2018-01-01,)', '{"every_months": 3}',
   'bank policy: balances are confirmed after each quarter (人民币单位银行结算账户 对账)');

create table accounts.exports (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  form text not null,
  state text not null default 'asked',
  frame jsonb not null,
  lines bigint not null,
  lines_done bigint not null default 0,
  pages int,
  pages_done int not null default 0,
  parts int not null default 0,
  after_on date,
  after_seq bigint,
  size_bytes bigint not null default 0,
  file_id uuid,
  reason text,
  asked_by uuid,
  asked_at timestamptz not null,
  finished_at timestamptz,
  expires_on date,
  primary key (business_id, id),
  constraint export_form_is_known
    check (form in ('pdf', 'xlsx', 'csv', 'camt053', 'receipts_pdf', 'receipts_zip')),
  constraint export_state_is_known check (state in ('asked', 'done', 'failed', 'expired')),
  constraint a_done_export_has_its_file
    check (state not in ('done', 'expired') or (file_id is not null and expires_on is not null)),
  constraint an_ended_export_has_a_moment check ((state = 'asked') = (finished_at is null)),
  constraint a_failed_export_says_why check ((state = 'failed') = (reason is not null)),
  constraint an_export_does_not_overrun check (lines_done between 0 and lines),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index exports_newest on accounts.exports (business_id, asked_at desc, id desc);
create index exports_to_expire on accounts.exports (business_id, expires_on)
  where state = 'done';
select core.tenant_table('accounts.exports');

-- Finished pieces of an export under way, sealed on disk like every file.
create table accounts.export_parts (
  business_id uuid not null,
  export_id uuid not null,
  no int not null,
  file_id uuid not null,
  primary key (business_id, export_id, no),
  foreign key (business_id, export_id) references accounts.exports (business_id, id)
);
select core.tenant_table('accounts.export_parts');

-- Marks what is past its last day in all firms, and says which files' content may go.
create function accounts.expire_exports(p_on date, p_most int) returns setof uuid
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with past as (
    select e.business_id, e.id from accounts.exports e
    where e.state = 'done' and e.expires_on < p_on limit p_most for no key update skip locked
  )
  update accounts.exports e set state = 'expired' from past
  where e.business_id = past.business_id and e.id = past.id
  returning e.file_id
$$;
revoke execute on function accounts.expire_exports from public;
grant execute on function accounts.expire_exports to nightly;

-- A closed month of an account; its documents are drawn when somebody wants them.
create table accounts.monthly_statements (
  business_id uuid not null,
  account_id uuid not null,
  month_on date not null,
  opening_fen bigint not null,
  came_in_fen bigint not null,
  went_out_fen bigint not null,
  closing_fen bigint not null,
  lines int not null,
  made_at timestamptz not null,
  primary key (business_id, account_id, month_on),
  constraint month_begins_on_its_first check (extract(day from month_on) = 1),
  constraint month_adds_up check (opening_fen + came_in_fen - went_out_fen = closing_fen),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
select core.tenant_table('accounts.monthly_statements');

create table accounts.balance_letters (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  as_of_on date not null,
  currency char(3) not null,
  balance_fen bigint not null,
  state text not null default 'open',
  stated_fen bigint,
  differences jsonb,
  answered_by uuid,
  answered_at timestamptz,
  version int not null default 1,
  made_at timestamptz not null,
  primary key (business_id, id),
  constraint one_letter_per_account_and_day unique (business_id, account_id, as_of_on),
  constraint letter_state_is_known check (state in ('open', 'agreed', 'objected')),
  constraint an_answer_has_its_person
    check ((state = 'open') = (answered_by is null) and (state = 'open') = (answered_at is null)),
  constraint only_an_objection_states_another_balance
    check ((state = 'objected') = (stated_fen is not null)
           and (state = 'objected') = (differences is not null)
           and stated_fen is distinct from balance_fen),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
select core.tenant_table('accounts.balance_letters');
select core.desk_reads('accounts.balance_letters');

-- The month before a day for every account of every firm, in one statement per kind; a repeat
-- makes nothing twice. How many months were made.
create function accounts.make_month(p_month date, p_letters boolean, p_at timestamptz) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_end date := (p_month + interval '1 month')::date;
  v_made int;
begin
  insert into accounts.monthly_statements
    (business_id, account_id, month_on, opening_fen, came_in_fen, went_out_fen, closing_fen,
     lines, made_at)
  select d.business_id, d.id, p_month,
         coalesce(o.balance_after_fen, 0), coalesce(s.came, 0), coalesce(s.went, 0),
         coalesce(o.balance_after_fen, 0) + coalesce(s.came, 0) - coalesce(s.went, 0),
         coalesce(s.n, 0), p_at
  from accounts.deposits d
  left join (
    select p.business_id, p.account_id, sum(greatest(p.amount_fen, 0))::bigint came,
           sum(greatest(-p.amount_fen, 0))::bigint went, count(*)::int n
    from ledger.postings p
    where p.owner = 'firm' and p.booked_on >= p_month and p.booked_on < v_end
    group by p.business_id, p.account_id
  ) s on s.business_id = d.business_id and s.account_id = d.id
  left join lateral (
    select p.balance_after_fen from ledger.postings p
    where p.business_id = d.business_id and p.account_id = d.id and p.booked_on < p_month
    order by p.booked_on desc, p.seq desc limit 1
  ) o on true
  where d.opened_on < v_end and (d.closed_on is null or d.closed_on >= p_month)
  on conflict do nothing;
  get diagnostics v_made = row_count;
  if p_letters then
    insert into accounts.balance_letters
      (business_id, id, account_id, as_of_on, currency, balance_fen, made_at)
    select m.business_id, uuidv7(), m.account_id, v_end - 1, d.currency, m.closing_fen, p_at
    from accounts.monthly_statements m
    join accounts.deposits d on d.business_id = m.business_id and d.id = m.account_id
    where m.month_on = p_month and d.state <> 'closed'
    on conflict on constraint one_letter_per_account_and_day do nothing;
  end if;
  return v_made;
end $$;
revoke execute on function accounts.make_month from public;
grant execute on function accounts.make_month to nightly;

-- migrate:down
-- forward only
