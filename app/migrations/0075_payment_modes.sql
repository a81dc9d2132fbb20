-- migrate:up
-- One payment order, four modes: where its money is taken from, and where a secured one waits.

alter table accounts.payments
  add column mode text not null default 'direct',
  add column from_hold_id uuid,
  add column from_account_id uuid,
  add column into_account_id uuid,
  add constraint payment_mode_is_known
    check (mode in ('direct', 'reserved', 'guaranteed', 'escrowed')),
  add constraint mode_says_where_the_money_is
    check ((mode = 'reserved') = (from_hold_id is not null)
           and (mode in ('guaranteed', 'escrowed'))
               = (num_nonnulls(from_account_id, into_account_id) = 1)
           and num_nonnulls(from_account_id, into_account_id) < 2);
create index payments_out_of_escrow on accounts.payments (business_id, from_account_id)
  where from_account_id is not null;
create index payments_into_escrow on accounts.payments (business_id, into_account_id)
  where into_account_id is not null;

-- migrate:down
-- forward only
