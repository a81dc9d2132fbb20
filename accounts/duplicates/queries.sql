-- name: one_at_a_time
-- Two payments alike, sent at the same moment under two keys, are looked at one after the other.
select pg_advisory_xact_lock(hashtextextended(:alike, 7)) is null as taken;

-- name: twin
-- The latest payment alike; nothing for a repeat, whose key has its payment already.
select p.id, p.state, p.created_at
from accounts.payments p
where p.business_id = :business_id and p.created_at >= :since and p.amount_fen = :amount_fen
  and p.payee_account_tail = :tail and p.payee_bank_code = :bank_code
  and p.state in ('under_review', 'pending_approval', 'submitted', 'processing', 'unknown',
                  'settled')
  and not exists (select from accounts.payments k
                  where k.business_id = :business_id and k.key = :key)
order by p.created_at desc limit 1;
