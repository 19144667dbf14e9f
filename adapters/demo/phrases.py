"""What people write to the desk and what it answers: a small catalogue of invented phrases, by topic.

`{order}` and `{product}` stand for the ticket's own order and product.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of request, with everything that is said about it."""

    tag: str
    department: str
    weight: int
    """How often it comes, in proportion to the others."""
    subjects: tuple[str, ...]
    requests: tuple[str, ...]
    questions: tuple[str, ...]
    """What the agent needs to know."""
    answers: tuple[str, ...]
    """What the customer answers."""
    notes: tuple[str, ...]
    """What colleagues tell each other."""
    solutions: tuple[str, ...]
    outside: str
    """Whom a ticket of this kind is forwarded to."""
    waits_for: str
    """The status in which it waits for somebody other than the customer."""


DELIVERY: Final = Topic(
    tag="delivery",
    department="Support",
    weight=22,
    subjects=("Where is my order {order}?", "Parcel not delivered", "Delivery of {order} is late"),
    requests=(
        "My {product} should have come on Tuesday. The tracking page has not moved for three days.",
        "The carrier says it was delivered, but nobody here took a parcel. The order is {order}.",
        "Half of the order came. The {product} is missing.",
    ),
    questions=(
        "Could a neighbour have taken the parcel? Please also confirm the address on {order}.",
        "Was the box damaged or opened when it came?",
    ),
    answers=(
        "I asked next door, nobody has it. The address is correct.",
        "The box looked fine, it was only too small to hold everything.",
    ),
    notes=("Carrier shows a scan in the wrong depot.", "Second late parcel on this route this week."),
    solutions=(
        "The carrier has found your parcel, it comes tomorrow. Sorry for the wait.",
        "We sent a new {product} today and you will get the tracking number in a moment.",
    ),
    outside="tracing@carrier.example.org",
    waits_for="On Hold",
)

LOGIN: Final = Topic(
    tag="login",
    department="Support",
    weight=14,
    subjects=("Cannot log in", "Password reset mail never arrives", "My login is locked"),
    requests=(
        "After the update your app asks for a code that I never get.",
        "I asked for a new password four times and no mail arrived. Not in spam either.",
    ),
    questions=(
        "Which address did you register with, and which phone do you use?",
        "Please try once more and tell us the time at which you did.",
    ),
    answers=("I tried just now, same message.", "It is the address I am writing from."),
    notes=("Reset mails bounced, mailbox was full.", "Login log shows a locked account since yesterday."),
    solutions=(
        "We unlocked your login. The next reset mail will reach you.",
        "The code is sent by mail now, please log in again.",
    ),
    outside="mailhost@provider.example.org",
    waits_for="On Hold",
)

QUESTION: Final = Topic(
    tag="question",
    department="Support",
    weight=12,
    subjects=("A question before I order", "Is the {product} in stock?", "Change of address"),
    requests=(
        "Does the {product} work with a charger from another maker?",
        "I am moving next week. Can {order} go to the new address?",
        "When will the {product} be available again?",
    ),
    questions=("May we ask which model you have now?", "What is the new address, and from which day on?"),
    answers=("It is the older one with the round plug.", "From the first of July, the rest as in my profile."),
    notes=("Stock list says two weeks.", "Address can be changed until the label is printed."),
    solutions=("Yes, that works. Enjoy it!", "Done. {order} goes to the new address."),
    outside="purchasing@example.org",
    waits_for="On Hold",
)

INVOICE: Final = Topic(
    tag="invoice",
    department="Billing",
    weight=13,
    subjects=("Invoice for {order} is missing", "Wrong name on the invoice", "Invoice without tax number"),
    requests=(
        "Our bookkeeping needs an invoice with our tax number on it. The order is {order}.",
        "The invoice for the {product} shows a name that is not ours.",
    ),
    questions=("Which name and number shall stand on it?", "Do you need the other invoices of this year too?"),
    answers=("Only this one, with the number from our letterhead.", "As in the attachment, please."),
    notes=("Customer changed the name in March, template still had the old one.", "Invoice run of Friday was partial."),
    solutions=("The corrected invoice is attached.", "You find the new invoice in your profile, under {order}."),
    outside="bookkeeping@example.org",
    waits_for="On Hold",
)

CHARGED: Final = Topic(
    tag="payment",
    department="Billing",
    weight=10,
    subjects=("Charged twice for {order}", "Payment failed but money is gone", "Voucher was not accepted"),
    requests=(
        "My card was charged twice for the same {product}. Please give one payment back.",
        "The shop said that the payment failed, but the bank has taken the amount.",
    ),
    questions=("Please send the dates of both charges.", "Which bank issued the card?"),
    answers=("Both on the same evening, three minutes apart.", "The bank says it is final and you must return it."),
    notes=("Payment log: one captured, one only reserved.", "Same gateway fault as on Monday."),
    solutions=(
        "The second charge was only a reservation, it is released now.",
        "We returned the amount today. Your bank needs two or three days.",
    ),
    outside="disputes@gateway.example.org",
    waits_for="On Hold",
)

REFUND: Final = Topic(
    tag="refund",
    department="Returns",
    weight=16,
    subjects=("Refund for {order}", "Where is my refund?", "I want my money back"),
    requests=(
        "I sent the {product} back two weeks ago and see no refund yet.",
        "The {product} is not what the page showed. I want to return it and get my money back.",
        "Please refund {order}, it came after the date that I needed it for.",
    ),
    questions=("Do you have the receipt of the post office?", "Is the {product} in its box, unused?"),
    answers=("Yes, the receipt is attached.", "It is in the box, I only opened it."),
    notes=("Warehouse has it since Thursday, nobody booked it.", "Within the 30 days. Refund approved."),
    solutions=(
        "The refund is on its way, you will see it in three days.",
        "A return label is attached. The refund goes out once the parcel is here.",
    ),
    outside="warehouse@example.org",
    waits_for="On Hold",
)

EXCHANGE: Final = Topic(
    tag="exchange",
    department="Returns",
    weight=9,
    subjects=("Wrong colour", "Exchange the {product}", "You sent me something else"),
    requests=(
        "I ordered the {product} in blue and got grey. Please exchange it.",
        "In the box of {order} was another product.",
    ),
    questions=("Please send a picture of the label on the box.", "Blue comes back on Friday. Will you wait for it?"),
    answers=("Picture attached.", "Friday is fine, thank you."),
    notes=("Picking error, two orders were swapped.", "Blue is back in stock on Friday."),
    solutions=("The right one left today. Keep the other box until the courier rings.", "The exchange is booked."),
    outside="warehouse@example.org",
    waits_for="On Hold",
)

OVERHEATING: Final = Topic(
    tag="overheating",
    department="Technical",
    weight=9,
    subjects=("Phone gets very hot", "{product} overheats while charging", "Is my {product} safe?"),
    requests=(
        "My {product} gets so hot while charging that I cannot hold it. Is it safe?",
        "Since the update the phone is hot in the pocket and empty by noon.",
    ),
    questions=("Which charger do you use, and does it happen without one?", "Please send the serial number."),
    answers=("With the charger from the box. Without it the phone stays cool.", "The number is on the picture."),
    notes=("Serial is in the range of the bad batteries.", "Not the battery: background sync after the update."),
    solutions=(
        "We changed the battery, your {product} is on the way back.",
        "The update of tonight repairs this. Please restart the phone once.",
    ),
    outside="safety@maker.example.org",
    waits_for="Waiting for Parts",
)

DEFECT: Final = Topic(
    tag="defect",
    department="Technical",
    weight=11,
    subjects=("{product} does not turn on", "Screen stays black", "No sound from the {product}"),
    requests=(
        "Yesterday it worked, today the {product} does not turn on at all.",
        "The screen is black, but it rings. I need it for work.",
    ),
    questions=("Please hold the button for twenty seconds. Does it show a light?", "Did it fall or get wet?"),
    answers=("A red light, three times.", "No, it was on the table all day."),
    notes=("Three red flashes: power board.", "Known fault, part is in the second drawer."),
    solutions=("Repaired: new power board, one year of warranty on it.", "A new {product} is on its way to you."),
    outside="workshop@maker.example.org",
    waits_for="Waiting for Parts",
)

TOPICS: Final = (DELIVERY, LOGIN, QUESTION, INVOICE, CHARGED, REFUND, EXCHANGE, OVERHEATING, DEFECT)

PRODUCTS: Final = ("Comet 5", "Comet 5 Mini", "Harbor headset", "Lumen lamp", "Nomad charger", "Tern tablet", "Vela watch")

SPAM: Final = ("You have won a cruise", "Cheap toner, last chance", "Your domain expires today")
NOT_SOLVED: Final = (
    "This is still not solved. Please look again.",
    "It worked for an hour, now it is the same as before.",
    "I closed the app as you said and nothing changed.",
)
THANKS: Final = ("Thank you, that was quick!", "All good now, thanks.", "Perfect, thank you very much.")
REMINDERS: Final = ("Do you still need our help with {order}?", "We have not heard from you. May we close this request?")
SILENCE: Final = "We did not hear from you, so we close this request. Just answer if you need us."
FIRST_NAMES: Final = tuple(
    "Alma Bruno Celia Dario Edda Felix Gita Henrik Ilse Jonah Katya Leo Maren Nils Olga Pavel Rita Samir Tessa Ulf "
    "Vera Willem Xenia Yusuf Zora".split()
)
LAST_NAMES: Final = tuple(
    "Abel Brandt Castell Dorn Eklund Ferrer Grube Holm Ivanov Jansen Kovac Lindt Moreau Novak Ortega Petrov Quist "
    "Rossi Santos Thorn Ueda Vogel Weiss Yilmaz Zeman".split()
)
