-- name: add_text
-- The text of one version, once.
insert into onboarding.signed_texts
  (business_id, subject_id, version, title, firm, body, sha256, made_at)
values (:business_id, :subject_id, :version, :title, :firm, :body, :sha256, :now)
on conflict (business_id, subject_id, version) do nothing;

-- name: text
-- What is signed, sealed, and its digest.
select title, firm, body, sha256 from onboarding.signed_texts
where business_id = :business_id and subject_id = :subject_id and version = :version;

-- name: lock_text
-- One signature after the other: each is chained to the one before.
select true from onboarding.signed_texts
where business_id = :business_id and subject_id = :subject_id and version = :version
for no key update;

-- name: add_signatures
-- Everyone who is asked, in one statement.
insert into onboarding.signatures (business_id, id, subject_id, version, no, capacities,
  signer_index, private, link_sealed, expires_at, asked_at, sha256)
select :business_id, s.id, :subject_id, :version, s.no, string_to_array(s.capacities, ','),
  s.signer_index, s.private, s.link_sealed, :expires_at, :at, :sha256
from unnest(:ids::uuid[], :capacities::text[], :signer_indexes::bytea[], :privates::bytea[],
  :links::bytea[]) with ordinality as s (id, capacities, signer_index, private, link_sealed, no);

-- name: add_links
-- Whoever holds a link is led to the firm and the signature.
insert into onboarding.signing_links (link_check, business_id, signature_id, link_no, made_at)
select l.link_check, :business_id, l.signature_id, :link_no, :at
from unnest(:checks::bytea[], :signature_ids::uuid[]) as l (link_check, signature_id);

-- name: link
-- Whose signature a link is for.
select business_id, signature_id, link_no from onboarding.signing_links
where link_check = :link_check;

-- name: signatures
-- Everyone who was asked for a version.
select id, subject_id, version, no, capacities, private, state, link_no, expires_at, code_no,
  code_check, code_expires_at, tries, last_code, sha256, signed_at
from onboarding.signatures
where business_id = :business_id and subject_id = :subject_id and version = :version order by no;

-- name: signature
-- One signature.
select id, subject_id, version, no, capacities, private, state, link_no, expires_at, code_no,
  code_check, code_expires_at, tries, last_code, sha256, signed_at
from onboarding.signatures where business_id = :business_id and id = :id;

-- name: lock_signature
-- One signature, kept from others until this work ends.
select id, subject_id, version, no, capacities, private, state, link_no, expires_at, code_no,
  code_check, code_expires_at, tries, last_code, sha256, signed_at
from onboarding.signatures where business_id = :business_id and id = :id for no key update;

-- name: void
-- The text has changed: whoever has not signed it is asked no more.
update onboarding.signatures
set state = 'void', link_sealed = null, code_check = null, code_sealed = null, picture = null
where business_id = :business_id and subject_id = :subject_id
  and state in ('asked', 'proving', 'refused');

-- name: relink
-- A new link; the one before leads nowhere from now on.
update onboarding.signatures
set state = 'asked', link_no = link_no + 1, link_sealed = :link_sealed, expires_at = :expires_at,
    code_check = null, code_sealed = null
where business_id = :business_id and id = :id;

-- name: link_to_send
-- The link on its way to its phone.
select link_sealed from onboarding.signatures
where business_id = :business_id and id = :id and link_no = :link_no and state = 'asked'
  and link_sealed is not null;

-- name: link_was_sent
-- Nobody here needs the link any more.
update onboarding.signatures set link_sealed = null
where business_id = :business_id and id = :id and link_no = :link_no and state = 'asked';

-- name: set_code
-- The newest code; the one before opens nothing.
update onboarding.signatures
set code_no = code_no + 1, code_check = :code_check, code_sealed = :code_sealed,
    code_expires_at = :code_expires_at
where business_id = :business_id and id = :id;

-- name: code_to_send
-- The code on its way to its phone.
select code_sealed from onboarding.signatures
where business_id = :business_id and id = :id and code_no = :code_no and state = 'asked'
  and code_sealed is not null;

-- name: code_was_sent
-- Nobody here needs the code any more, only its check.
update onboarding.signatures set code_sealed = null
where business_id = :business_id and id = :id and code_no = :code_no and state = 'asked';

-- name: offer
-- The phone is proved and the digest is right: now the face.
update onboarding.signatures
set state = 'proving', tries = tries + 1, picture = :picture, offered_at = :at, last_code = null,
    code_check = null, code_sealed = null, link_sealed = null
where business_id = :business_id and id = :id;

-- name: picture
-- The picture while it is compared.
select picture from onboarding.signatures
where business_id = :business_id and id = :id and picture is not null;

-- name: fail
-- The face differs: once more, or the firm asks anew. The picture is forgotten.
update onboarding.signatures set state = :state, picture = null, last_code = :code
where business_id = :business_id and id = :id;

-- name: sign
-- The signature, chained to the one before it; the picture is forgotten.
update onboarding.signatures s
set state = 'signed', signed_at = :at::timestamptz, face_reference = :face_reference::text,
    face_score_ppm = :score_ppm::int, picture = null, chained_no = l.chained_no + 1,
    chain = sha256(l.chain || s.sha256 || s.signer_index || uuid_send(s.id)
      || int8send((extract(epoch from :at::timestamptz) * 1000000)::bigint)
      || convert_to(:face_reference::text, 'UTF8') || int4send(:score_ppm::int))
from (select coalesce(max(chained_no), 0) as chained_no,
        coalesce((array_agg(chain order by chained_no desc))[1], ''::bytea) as chain
      from onboarding.signatures
      where business_id = :business_id and subject_id = :subject_id and version = :version
        and state = 'signed') l
where s.business_id = :business_id and s.id = :id;
