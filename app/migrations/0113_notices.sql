-- migrate:up
-- The app's inbox: what a firm's people were told, and up to when each has looked.

create table core.notices (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  about uuid not null,
  roles text[] not null,
  people uuid[] not null,
  text text not null,
  at timestamptz not null,
  primary key (business_id, id),
  constraint a_notice_is_for_somebody check (cardinality(roles) + cardinality(people) > 0),
  constraint a_notice_has_words check (length(text) between 1 and 500)
);
select core.tenant_table('core.notices');
create index notices_of_a_firm on core.notices (business_id, at, id);
create trigger notices_do_not_change before update or delete on core.notices
  for each row execute function core.refuse_change();

create table core.notices_seen (
  business_id uuid not null,
  person_id uuid not null,
  seen_until timestamptz not null,
  primary key (business_id, person_id)
);
select core.tenant_table('core.notices_seen');

-- migrate:down
-- forward only
