"""Who reacts to what, and what the clock starts: every background job on one screen."""

from __future__ import annotations

from accounts.agreements import jobs as agreements
from accounts.batch_checks import jobs as batch_checks
from accounts.batches import jobs as batches
from accounts.batches.model import BatchAsked, BatchFinished, BatchReleased
from accounts.clearing import jobs as clearing
from accounts.confirmations import jobs as confirmations
from accounts.day_close import jobs as day_close
from accounts.decisions import jobs as decisions
from accounts.deposits import jobs as deposits
from accounts.deposits.model import AccountQuiet, NoticeOver, StateChanged
from accounts.escrow import jobs as escrow
from accounts.escrow.model import EscrowChanged, EscrowDecided
from accounts.exports import jobs as account_exports
from accounts.exports.model import ExportAsked, ExportReady
from accounts.fees import jobs as fees
from accounts.fees.model import FeeCharged, FeeRefunded
from accounts.freezes import jobs as freezes
from accounts.freezes.model import MoneyTaken, TermOver
from accounts.guarantees.model import WordSaid
from accounts.handovers import jobs as handovers
from accounts.handovers.model import HandoverAgreed
from accounts.incoming import jobs as incoming
from accounts.incoming.model import CreditUnapplied
from accounts.interest import jobs as interest
from accounts.interest.model import InterestPaid
from accounts.ledger import jobs as ledger
from accounts.mandates import jobs as mandates
from accounts.monitors import jobs as monitors
from accounts.monitors.model import PaymentHeld, ReplayAsked
from accounts.parties.model import PartyEntered
from accounts.payments.model import (
    MoneyReceived,
    PaymentFailed,
    PaymentSettled,
    PaymentSubmitted,
    SecuredPaymentMoved,
)
from accounts.payouts import jobs as payouts
from accounts.recalls import jobs as recalls
from accounts.recalls.model import RecallAsked
from accounts.receipts import jobs as receipts
from accounts.receipts.model import ReceiptAsked
from accounts.reconciliation import jobs as reconciliation
from accounts.reconciliation.model import ReconciliationAsked
from accounts.requests import jobs as payment_requests
from accounts.requests.model import RequestPaying
from accounts.reservations import jobs as reservations
from accounts.reviews import jobs as payment_reviews
from accounts.reviews.model import PaymentReviewed
from accounts.schedules import jobs as schedules
from accounts.schedules.model import ScheduleDue, ScheduleFailed
from accounts.screening import jobs as screening
from accounts.screening.model import WatchListChanged
from accounts.surveillance import jobs as surveillance
from accounts.suspense.model import MoneyAssigned, MoneyParked
from accounts.sweeps import jobs as sweeps
from accounts.unapplied import jobs as unapplied
from accounts.unapplied.model import UnappliedAgreed
from app.approvals import jobs as approvals
from app.approvals.model import ApprovalAsked, ApprovalExpired, ApprovalWaits
from app.events import Event
from app.files.parts import jobs as upload_parts
from app.identity.sessions import jobs as sessions
from app.identity.sessions.model import CodeRequested
from app.identity.stepups import jobs as stepups
from app.identity.stepups.model import StepUpAsked
from app.jobs import JobFunction, job_name
from app.outside import jobs as outside
from app.outside.model import Answered
from bookkeeping.payroll import jobs as payroll
from bookkeeping.payroll.model import PayrollApproved, PayrollPaid, PayrollReturned
from bookkeeping.postings import jobs as postings
from bookkeeping.tax import jobs as tax
from bookkeeping.tax.model import TaxReturnSubmitted
from invoicing.invoices import jobs as invoices
from invoicing.invoices.model import InvoiceIssued, InvoiceSubmitted, QuotaAsked
from invoicing.receivables import jobs as receivables
from invoicing.receivables.model import InvoicePaid
from invoicing.red_letters import jobs as red_letters
from invoicing.red_letters.model import RedLetterIssued, RedLetterSubmitted
from lending.facilities import jobs as facilities
from lending.facilities.model import CreditAsked, LimitGranted
from lending.loans import jobs as loans
from lending.loans.model import LoanDrawn
from lending.servicing import jobs as servicing
from lending.servicing.model import InstalmentPaid
from onboarding.applications import jobs as applications
from onboarding.applications.model import (
    AccountActivated,
    ApplicationEnded,
    ApplicationReviewed,
    ApplicationSubmitted,
    ApplicationTurned,
    HandedInMoved,
)
from onboarding.batches import jobs as portal_batches
from onboarding.batches.model import BatchHandedOver, HandoverBatchFinished
from onboarding.callbacks import jobs as callbacks
from onboarding.callbacks.model import CallbackDue
from onboarding.checks import jobs as checks
from onboarding.checks.model import ApplicationChecked
from onboarding.filings import jobs as filings
from onboarding.filings.model import FilingAsked
from onboarding.inquiries import jobs as inquiries
from onboarding.inquiries.model import DocumentAsked
from onboarding.joins import jobs as joins
from onboarding.joins.model import FirmJoined, JoinAsked
from onboarding.offices import jobs as offices
from onboarding.offices.model import OfficeAsked
from onboarding.oversight import jobs as oversight
from onboarding.oversight.model import ReviewOverdue
from onboarding.portals import jobs as portals
from onboarding.products import jobs as account_products
from onboarding.registrations import jobs as registrations
from onboarding.registrations.model import CompanyRegistered, RegistrationSubmitted
from onboarding.reviews import jobs as reviews
from onboarding.signatures import jobs as signatures
from onboarding.signatures.model import (
    SignatureAsked,
    SignatureOffered,
    SigningCodeAsked,
    TextSigned,
)
from onboarding.upgrades.model import UpgradeDecided
from onboarding.visits import jobs as visits
from onboarding.visits.model import VisitCompleted, VisitMissed, VisitNear
from workers import notify, upkeep
from workers.schedule import Daily, Every

REACTIONS: dict[type[Event], tuple[JobFunction, ...]] = {
    CodeRequested: (sessions.send_code,),
    StepUpAsked: (stepups.send_code,),
    ApprovalAsked: (notify.tell_approvers,),
    ApprovalWaits: (notify.tell_approvers,),
    ApprovalExpired: (
        decisions.end_unanswered,
        batches.end_unanswered,
        mandates.end_unanswered,
    ),
    RequestPaying: (payment_requests.tell,),
    ScheduleDue: (schedules.pay,),
    ScheduleFailed: (notify.TELL[ScheduleFailed],),
    BatchAsked: (batch_checks.check,),
    BatchReleased: (payouts.pay,),
    BatchFinished: (notify.TELL[BatchFinished],),
    # Call-backs are doorbells: whoever waits for this system asks it for the truth.
    Answered: (
        registrations.hear_registry,
        filings.hear_filing,
        clearing.hear,
        incoming.hear,
        recalls.hear,
        unapplied.hear,
        handovers.hear,
        payroll.hear,
        tax.hear,
    ),
    RegistrationSubmitted: (registrations.ask_registry,),
    SignatureAsked: (signatures.send_link,),
    SigningCodeAsked: (signatures.send_signing_code,),
    SignatureOffered: (signatures.compare_face,),
    TextSigned: (joins.let_in, notify.TELL[TextSigned]),
    JoinAsked: (joins.look_up,),
    FirmJoined: (notify.TELL[FirmJoined],),
    CompanyRegistered: (offices.ask_tax, notify.TELL[CompanyRegistered]),
    OfficeAsked: (offices.ask_office,),
    ApplicationSubmitted: (
        checks.ask_registry,
        checks.ask_account_system,
        checks.ask_population,
    ),
    ApplicationChecked: (reviews.open_review,),
    ApplicationTurned: (notify.TELL[ApplicationTurned],),
    ApplicationReviewed: (notify.TELL[ApplicationReviewed],),
    ApplicationEnded: (reviews.withdraw_review, inquiries.withdraw_open, visits.cancel_visit),
    DocumentAsked: (notify.TELL[DocumentAsked],),
    ReviewOverdue: (oversight.note_overdue,),
    VisitCompleted: (visits.activate_account,),
    VisitMissed: (notify.TELL[VisitMissed],),
    VisitNear: (notify.tell_near,),
    AccountActivated: (
        account_products.open_products,
        filings.file_account,
        registrations.close_bank_part,
        postings.open_books,
        notify.TELL[AccountActivated],
    ),
    # Portals are told by signed call-backs.
    HandedInMoved: (callbacks.tell_portal,),
    BatchHandedOver: (portal_batches.work_through,),
    HandoverBatchFinished: (portal_batches.tell_finished,),
    CallbackDue: (callbacks.deliver,),
    PartyEntered: (screening.screen_party,),
    WatchListChanged: (screening.look_again,),
    PaymentSubmitted: (clearing.send,),
    PaymentSettled: (
        postings.record_payment,
        incoming.receive_in_bank,
    ),
    PaymentHeld: (notify.TELL[PaymentHeld],),
    PaymentReviewed: (payment_reviews.carry_out,),
    ReplayAsked: (monitors.replay,),
    PaymentFailed: (postings.record_payment_back, notify.TELL[PaymentFailed]),
    SecuredPaymentMoved: (escrow.follow,),
    EscrowChanged: (escrow.tell,),
    EscrowDecided: (escrow.settle,),
    WordSaid: (agreements.hear,),
    AccountQuiet: (notify.TELL[AccountQuiet],),
    NoticeOver: (deposits.set_aside,),
    StateChanged: (notify.TELL[StateChanged], filings.file_closing),
    FilingAsked: (filings.send_filing,),
    UpgradeDecided: (notify.TELL[UpgradeDecided],),
    TermOver: (freezes.end_terms,),
    MoneyTaken: (postings.record_taken, notify.TELL[MoneyTaken]),
    MoneyParked: (notify.TELL[MoneyParked],),
    MoneyAssigned: (notify.TELL[MoneyAssigned],),
    FeeCharged: (postings.record_fee,),
    FeeRefunded: (postings.record_fee_back,),
    InterestPaid: (postings.record_interest, notify.TELL[InterestPaid]),
    MoneyReceived: (postings.record_receipt, receivables.match, notify.TELL[MoneyReceived]),
    # Drawn when somebody wants them: wages day asks nothing of the one pen.
    ReceiptAsked: (receipts.draw,),
    ExportAsked: (account_exports.make,),
    ExportReady: (notify.TELL[ExportReady],),
    RecallAsked: (recalls.send,),
    ReconciliationAsked: (reconciliation.compare_again,),
    CreditUnapplied: (unapplied.take_up,),
    UnappliedAgreed: (unapplied.carry_out,),
    HandoverAgreed: (handovers.carry_out,),
    InvoiceSubmitted: (invoices.ask_for_number,),
    QuotaAsked: (invoices.refresh_quota,),
    InvoiceIssued: (
        invoices.render_documents,
        receivables.open_receivable,
        postings.record_sale,
    ),
    InvoicePaid: (postings.record_allocation,),
    RedLetterSubmitted: (red_letters.ask_for_number,),
    RedLetterIssued: (
        red_letters.render_documents,
        receivables.credit,
        postings.record_red_letter,
    ),
    PayrollApproved: (payroll.send, payroll.record_accrual),
    PayrollReturned: (payroll.record_return,),
    PayrollPaid: (payroll.record_payment, payroll.make_payslips, notify.TELL[PayrollPaid]),
    TaxReturnSubmitted: (tax.file,),
    CreditAsked: (facilities.ask_bureau,),
    LimitGranted: (notify.TELL[LimitGranted],),
    LoanDrawn: (loans.render_contract, postings.record_drawdown, notify.TELL[LoanDrawn]),
    InstalmentPaid: (postings.record_instalment,),
}

SCHEDULE: tuple[Daily | Every, ...] = (
    Every(clearing.watch, seconds=5),
    Every(incoming.watch, seconds=5),
    Every(unapplied.watch, seconds=30),
    Every(handovers.watch, seconds=30),
    Every(reservations.expire, seconds=20),
    Every(escrow.look, seconds=20),
    Every(approvals.ring, seconds=60),
    Every(freezes.find_ended, seconds=30),
    Every(schedules.find_due, seconds=60),
    Every(oversight.look, seconds=60),
    Daily(oversight.look),
    Daily(inquiries.end_lapsed),
    Every(upload_parts.expire, seconds=600),
    Every(visits.look, seconds=60),
    Daily(schedules.find_due),
    Daily(ledger.make_months),
    Daily(day_close.close_days),
    Daily(upkeep.forget),
    Daily(applications.end_lapsed),
    Daily(portals.shred_papers),
    Daily(callbacks.forget_old),
    Daily(sessions.forget_expired),
    Daily(stepups.forget_old),
    Daily(outside.forget_callbacks),
    Daily(account_exports.forget),
    Daily(confirmations.close_month, month_day=1),
    Daily(payroll.pay_due),
    Daily(servicing.service_loans, every_date=True),
    Daily(clearing.sweep),
    Daily(sweeps.sweep),
    Daily(monitors.roll_up),
    Daily(surveillance.survey),
    Daily(payroll.sweep),
    Daily(reconciliation.compare),
    Daily(deposits.find_quiet),
    Daily(interest.settle, month_day=21),
    Daily(interest.pay_due),
    Daily(fees.make_monthly, month_day=1),
    Daily(fees.charge_due),
    Daily(tax.prepare_returns, month_day=1),
    Daily(facilities.offer_limits, month_day=5),
)

# What the clock's jobs start for each firm by itself.
EACH: tuple[JobFunction, ...] = (payroll.pay_runs, tax.prepare, facilities.offer_limit)

BY_EVENT_NAME = {event.event_name(): jobs for event, jobs in REACTIONS.items()}
JOBS: dict[str, JobFunction] = {
    job_name(job): job
    for job in (
        *(reaction for jobs in REACTIONS.values() for reaction in jobs),
        *(row.job for row in SCHEDULE),
        *EACH,
    )
}
