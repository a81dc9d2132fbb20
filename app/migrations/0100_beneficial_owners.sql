-- migrate:up
-- Who stands behind a firm, kept per version of its form; and every version of the form itself.

create table onboarding.beneficial_owners (
  business_id uuid not null,
  id uuid not null,
  subject_id uuid not null,
  version int not null,
  no bigint not null,
  relation text not null,
  share_ppm int not null,
  private bytea not null,
  kept_at timestamptz not null,
  primary key (business_id, id),
  constraint an_owner_is_kept_once_per_version unique (business_id, subject_id, version, no),
  constraint owner_relation_is_known
    check (relation in ('equity', 'revenue', 'voting', 'control', 'in_charge')),
  constraint owner_share_is_a_part check (share_ppm between 0 and 1000000)
);
select core.tenant_table('onboarding.beneficial_owners');
select core.desk_reads('onboarding.beneficial_owners');
create trigger owners_are_append_only before update or delete on onboarding.beneficial_owners
  for each row execute function core.refuse_change();

-- What the form said at each of its versions: resumed anywhere, compared after a conflict, and what
-- was signed can be read again.
create table onboarding.registration_versions (
  business_id uuid not null,
  id uuid not null,
  registration_id uuid not null,
  version int not null,
  private bytea not null,
  saved_by uuid,
  saved_at timestamptz not null,
  primary key (business_id, id),
  constraint a_version_is_saved_once unique (business_id, registration_id, version),
  constraint a_version_belongs_to_a_registration foreign key (business_id, registration_id)
    references onboarding.registrations (business_id, id)
);
select core.tenant_table('onboarding.registration_versions');
create trigger versions_are_append_only before update or delete
  on onboarding.registration_versions for each row execute function core.refuse_change();

-- A form that was sent says which of its versions everybody signed.
alter table onboarding.registrations
  add column signed_version int,
  add constraint a_signed_version_was_one check (signed_version between 1 and version);

-- migrate:down
-- forward only
