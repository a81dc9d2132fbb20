-- migrate:up
-- What a review has set aside stays set aside while the payment waits for a second person: the part
-- of a reservation is taken once.

alter table accounts.payments
  drop constraint money_is_held_only_while_submitted,
  add constraint money_is_held_only_while_submitted check (
    case state
      when 'submitted' then hold_id is not null
      when 'under_review' then hold_id is not null
      when 'pending_approval' then true
      else hold_id is null
    end);

-- migrate:down
-- forward only
