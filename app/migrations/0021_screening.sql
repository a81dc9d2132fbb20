-- migrate:up
-- Watch lists: who must not be served, or only with care. A person's id lies here as a blind index.

create table accounts.watch_list (
  id uuid primary key,
  list text not null,
  kind text not null,
  name text not null,
  pinyin text not null,
  id_index bytea,
  reason text not null,
  source text not null,
  valid daterange not null,
  added_by text not null,
  added_at timestamptz not null,
  constraint list_is_known check (list in ('penalty', 'sanction', 'risk')),
  constraint listed_kind_is_known check (kind in ('person', 'firm')),
  constraint an_entry_has_a_source check (source <> '')
);
create index watch_list_by_id on accounts.watch_list (id_index) where id_index is not null;
create index watch_list_by_name on accounts.watch_list (name);
create index watch_list_by_pinyin on accounts.watch_list (pinyin);
select core.reference_table('accounts.watch_list');
grant insert on accounts.watch_list to desk;

-- migrate:down
-- forward only
