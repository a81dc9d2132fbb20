-- migrate:up
-- Electronic signatures: the text of one version, who is asked for it, and how each proved who they
-- are. The signed rows of a text form a chain: none can be changed or left out unnoticed.

create table onboarding.signed_texts (
  business_id uuid not null,
  subject_id uuid not null,
  version int not null,
  title text not null,
  firm text not null,
  body bytea not null,
  sha256 bytea not null,
  made_at timestamptz not null,
  primary key (business_id, subject_id, version),
  constraint a_digest_has_32_bytes check (length(sha256) = 32)
);
select core.tenant_table('onboarding.signed_texts');
create trigger signed_texts_are_append_only before update or delete on onboarding.signed_texts
  for each row execute function core.refuse_change();

create table onboarding.signatures (
  business_id uuid not null,
  id uuid not null,
  subject_id uuid not null,
  version int not null,
  no int not null,
  capacities text[] not null,
  signer_index bytea not null,
  private bytea not null,
  state text not null default 'asked',
  link_no int not null default 1,
  link_sealed bytea,
  expires_at timestamptz not null,
  code_no int not null default 0,
  code_check bytea,
  code_sealed bytea,
  code_expires_at timestamptz,
  tries int not null default 0,
  picture bytea,
  last_code text,
  asked_at timestamptz not null,
  offered_at timestamptz,
  signed_at timestamptz,
  sha256 bytea not null,
  face_reference text,
  face_score_ppm int,
  chained_no int,
  chain bytea,
  primary key (business_id, id),
  constraint a_signature_is_of_a_text foreign key (business_id, subject_id, version)
    references onboarding.signed_texts (business_id, subject_id, version),
  constraint a_signatory_is_asked_once_per_version unique (business_id, subject_id, version, no),
  constraint signatures_are_chained_one_by_one
    unique (business_id, subject_id, version, chained_no),
  constraint signature_state_is_known
    check (state in ('asked', 'proving', 'signed', 'refused', 'void')),
  constraint a_signature_has_its_moment_and_its_proof check (state <> 'signed'
    or (signed_at is not null and face_reference is not null and face_score_ppm is not null
        and chain is not null and chained_no is not null)),
  constraint a_picture_stays_only_while_it_is_compared
    check ((picture is not null) = (state = 'proving')),
  constraint an_ended_signature_has_no_secrets check (state in ('asked', 'proving')
    or (link_sealed is null and code_sealed is null and code_check is null))
);
select core.tenant_table('onboarding.signatures');
select core.desk_reads('onboarding.signatures');

-- A signature stays as it was made.
create function onboarding.guard_signature() returns trigger language plpgsql as $$
begin
  if old.state in ('signed', 'void') then
    raise exception 'a signature that was made or voided stays' using errcode = 'XW002';
  end if;
  return new;
end $$;
create trigger signatures_stay before update on onboarding.signatures
  for each row execute function onboarding.guard_signature();

-- Whose signature a link is for: whoever holds it has no firm and no sign-in.
create table onboarding.signing_links (
  link_check bytea primary key,
  business_id uuid not null,
  signature_id uuid not null,
  link_no int not null,
  made_at timestamptz not null
);
select core.directory_table('onboarding.signing_links');
revoke insert, update, select on onboarding.signing_links from portal, desk;
revoke update on onboarding.signing_links from app, worker;

-- migrate:down
-- forward only
