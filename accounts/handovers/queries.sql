-- name: propose
-- One person's word about the authority's account; what was refused there is proposed anew.
insert into accounts.handovers as h
  (business_id, item_id, amount_fen, payee_name, payee_bank_code, payee_sealed, payee_account_tail,
   memo, proposed_by, proposed_at)
values (:business_id, :item_id, :amount_fen, :payee_name, :payee_bank_code, :payee_sealed,
        :payee_account_tail, :memo, :staff_id, :now)
on conflict (business_id, item_id) do update
  set payee_name = excluded.payee_name, payee_bank_code = excluded.payee_bank_code,
      payee_sealed = excluded.payee_sealed, payee_account_tail = excluded.payee_account_tail,
      state = 'proposed', reason = '', proposed_by = excluded.proposed_by,
      proposed_at = excluded.proposed_at, agreed_by = null, agreed_at = null, reference = null,
      ask_at = null, asked = 0, version = h.version + 1
  where h.state in ('proposed', 'refused');

-- name: handover
-- One hand-over as it stands.
select business_id, item_id, amount_fen, payee_name, payee_bank_code, payee_account_tail, memo,
       state, reason, proposed_by, proposed_at, agreed_by, agreed_at, reference, settled_on,
       done_at, version
from accounts.handovers where business_id = :business_id and item_id = :item_id
for no key update;

-- name: payee
-- The authority's account, sealed.
select payee_sealed from accounts.handovers
where business_id = :business_id and item_id = :item_id;

-- name: agree
-- Another person's word.
update accounts.handovers
set state = 'agreed', agreed_by = :staff_id, agreed_at = :now, version = version + 1
where business_id = :business_id and item_id = :item_id;

-- name: sending
-- Before it leaves the bank: under which reference, and when it is asked about.
update accounts.handovers set reference = :reference, ask_at = :ask_at
where business_id = :business_id and item_id = :item_id;

-- name: done
-- The authority has its money.
update accounts.handovers
set state = 'done', settled_on = :settled_on, done_at = :now, ask_at = null, version = version + 1
where business_id = :business_id and item_id = :item_id;

-- name: refused
-- It did not get there; the money still waits and may be proposed anew.
update accounts.handovers
set state = 'refused', reason = :reason, ask_at = null, version = version + 1
where business_id = :business_id and item_id = :item_id;

-- name: named
-- Whose hand-over a reference is.
select business_id, item_id from accounts.handover_named(:reference);

-- name: take_due
-- References whose outcome is overdue, over all firms, each put off.
select reference from accounts.take_handovers_due(:now);

-- name: open_handovers
-- The desk's queue over all firms, oldest first; one row more than the page.
select business_id, item_id, amount_fen, payee_name, payee_bank_code, payee_account_tail, memo,
       state, reason, proposed_by, proposed_at, agreed_by, agreed_at, reference, settled_on,
       done_at, version
from accounts.handovers
where state <> 'done'
  and (:after_at::timestamptz is null or (proposed_at, item_id) > (:after_at, :after_id::uuid))
order by proposed_at, item_id limit :most::int + 1;
