-- name: broken_chain_of_signatures
-- Each signature is chained to the one before it: nothing was changed, nothing left out.
select business_id, id from (
  select s.business_id, s.id, s.chain, s.chained_no,
    row_number() over one_text as place,
    sha256(coalesce(lag(s.chain) over one_text, ''::bytea) || s.sha256 || s.signer_index
      || uuid_send(s.id) || int8send((extract(epoch from s.signed_at) * 1000000)::bigint)
      || convert_to(s.face_reference, 'UTF8') || int4send(s.face_score_ppm)) as wanted
  from onboarding.signatures s where s.state = 'signed'
  window one_text as (partition by s.business_id, s.subject_id, s.version order by s.chained_no)
) c where c.chain <> c.wanted or c.chained_no <> c.place;

-- name: signature_of_another_text
-- Whoever signed signed the text of that version.
select s.business_id, s.id from onboarding.signatures s
join onboarding.signed_texts t on t.business_id = s.business_id and t.subject_id = s.subject_id
  and t.version = s.version
where t.sha256 <> s.sha256;
