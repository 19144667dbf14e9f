"""What people write to the desk and what it answers: a small catalogue of invented phrases, by topic.

`{order}` and `{product}` stand for the ticket's own order and product.
"""

from dataclasses import dataclass
from typing import Final

_PHONES: Final = ("Comet 5", "Comet 5 Mini")
_DEVICES: Final = (*_PHONES, "Tern tablet", "Vela watch")
_EVERYTHING: Final = (*_DEVICES, "Harbor headset", "Lumen lamp", "Nomad charger")


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of request, with everything that is said about it."""

    tag: str
    department: str
    weight: int
    """How often it comes, in proportion to the others."""
    openings: tuple[tuple[str, str], ...]
    """Subject and first message."""
    questions: tuple[tuple[str, str], ...]
    """What the agent needs to know, and what the customer answers."""
    notes: tuple[str, ...]
    """What colleagues tell each other."""
    solutions: tuple[str, ...]
    outside: str
    """Whom a ticket of this kind is forwarded to."""
    waits_for: str = "On Hold"
    """The status in which it waits for somebody other than the customer."""
    products: tuple[str, ...] = _EVERYTHING


DELIVERY: Final = Topic(
    tag="delivery",
    department="Support",
    weight=22,
    openings=(
        (
            "Where is my order {order}?",
            "My {product} should have come on Tuesday. The tracking page has not moved for three days.",
        ),
        (
            "Parcel not delivered",
            "The carrier says it was delivered, but nobody here took a parcel. The order is {order}.",
        ),
        ("{order} came without the {product}", "Half of the order came. The {product} is missing."),
    ),
    questions=(
        (
            "Could a neighbour have taken the parcel? Please also confirm the address on {order}.",
            "I asked next door, nobody has it. The address is correct.",
        ),
        (
            "Was the box damaged or opened when it came?",
            "The box looked fine, it was only too small to hold everything.",
        ),
    ),
    notes=(
        "Carrier shows a scan in the wrong depot.",
        "Second late parcel on this route this week.",
    ),
    solutions=(
        "The carrier has found your parcel, it comes tomorrow. Sorry for the wait.",
        "We sent a new {product} today and you will get the tracking number in a moment.",
    ),
    outside="tracing@carrier.example.org",
)

LOGIN: Final = Topic(
    tag="login",
    department="Support",
    weight=14,
    openings=(
        ("Cannot log in", "After the update your app asks for a code that I never get."),
        (
            "Password reset mail never arrives",
            "I asked for a new password four times and no mail arrived. Not in spam either.",
        ),
        ("My login is locked", "One wrong password, and now the page says that I must wait until tomorrow."),
    ),
    questions=(
        ("Which address did you register with, and which phone do you use?", "It is the address I am writing from."),
        ("Please try once more and tell us the time at which you did.", "I tried just now, same message."),
    ),
    notes=(
        "Reset mails bounced, mailbox was full.",
        "Login log shows a locked login since yesterday.",
    ),
    solutions=(
        "We unlocked your login. The next reset mail will reach you.",
        "The code is sent by mail now, please log in again.",
    ),
    outside="mailhost@provider.example.org",
)

QUESTION: Final = Topic(
    tag="question",
    department="Support",
    weight=12,
    openings=(
        ("A question before I order", "Does the {product} work with a charger from another maker?"),
        ("Change of address", "I am moving next week. Can {order} go to the new address?"),
        ("Is the {product} in stock?", "When will the {product} be available again?"),
    ),
    questions=(
        ("May we ask which model you have now?", "It is the older one with the round plug."),
        ("What is the new address, and from which day on?", "From the first of July, the rest as in my profile."),
    ),
    notes=(
        "Stock list says two weeks.",
        "Address can be changed until the label is printed.",
    ),
    solutions=(
        "Yes, that works. Enjoy it!",
        "Done. {order} goes to the new address.",
    ),
    outside="purchasing@example.org",
)

INVOICE: Final = Topic(
    tag="invoice",
    department="Billing",
    weight=9,
    openings=(
        (
            "Invoice for {order} is missing",
            "Our bookkeeping needs an invoice with our tax number on it. The order is {order}.",
        ),
        ("Wrong name on the invoice", "The invoice for the {product} shows a name that is not ours."),
    ),
    questions=(
        ("Which name and number shall stand on it?", "As in the attachment, please."),
        ("Do you need the other invoices of this year too?", "Only this one, with the number from our letterhead."),
    ),
    notes=(
        "Customer changed the name in March, template still had the old one.",
        "Invoice run of Friday was partial.",
    ),
    solutions=(
        "The corrected invoice is attached.",
        "You find the new invoice in your profile, under {order}.",
    ),
    outside="bookkeeping@example.org",
)

CHARGED: Final = Topic(
    tag="payment",
    department="Billing",
    weight=9,
    openings=(
        (
            "Charged twice for {order}",
            "My card was charged twice for the same {product}. Please give one payment back.",
        ),
        (
            "Payment failed but the money is gone",
            "The shop said that the payment failed, but the bank has taken the amount.",
        ),
        ("Charged although I used a voucher", "I paid {order} with a voucher, and my card was charged all the same."),
    ),
    questions=(
        ("Please send the dates of both charges.", "Both on the same evening, three minutes apart."),
        ("Which bank issued the card?", "The Harbor Savings Bank. They say that it is final and you must return it."),
    ),
    notes=(
        "Payment log: one captured, one only reserved.",
        "Same gateway fault as on Monday.",
    ),
    solutions=(
        "The second charge was only a reservation, it is released now.",
        "We returned the amount today. Your bank needs two or three days.",
    ),
    outside="disputes@gateway.example.org",
)

REFUND: Final = Topic(
    tag="refund",
    department="Billing",
    weight=13,
    openings=(
        ("Where is my refund?", "I sent the {product} back two weeks ago and see no refund yet."),
        (
            "I want my money back",
            "The {product} is not what the page showed. I want to return it and get my money back.",
        ),
        ("Refund for {order}", "Please refund {order}, it came after the date that I needed it for."),
    ),
    questions=(
        ("Do you have the receipt of the post office?", "Yes, the receipt is attached."),
        ("Is the {product} in its box, unused?", "It is in the box, I only opened it."),
    ),
    notes=(
        "Warehouse has it since Thursday, nobody booked it.",
        "Within the 30 days. Refund approved.",
    ),
    solutions=(
        "The refund is on its way, you will see it in three days.",
        "A return label is attached. The refund goes out once the parcel is here.",
    ),
    outside="warehouse@example.org",
)

EXCHANGE: Final = Topic(
    tag="exchange",
    department="Returns",
    weight=17,
    openings=(
        ("Wrong colour", "I ordered the {product} in blue and got grey. Please exchange it."),
        ("You sent me something else", "In the box of {order} was another product."),
    ),
    questions=(
        ("Please send a picture of the label on the box.", "Picture attached."),
        ("Blue comes back on Friday. Will you wait for it?", "Friday is fine, thank you."),
    ),
    notes=(
        "Picking error, two orders were swapped.",
        "Blue is back in stock on Friday.",
    ),
    solutions=(
        "The right one left today. Keep the other box until the courier rings.",
        "The exchange is booked.",
    ),
    outside="warehouse@example.org",
)

OVERHEATING: Final = Topic(
    tag="overheating",
    department="Technical",
    weight=9,
    openings=(
        (
            "{product} overheats while charging",
            "My {product} gets so hot while charging that I cannot hold it. Is it safe?",
        ),
        ("Phone gets very hot", "Since the update the {product} is hot in the pocket and empty by noon."),
    ),
    questions=(
        (
            "Which charger do you use, and does it happen without one?",
            "With the charger from the box. Without it the phone stays cool.",
        ),
        ("Please send the serial number.", "The number is on the picture."),
    ),
    notes=(
        "Serial is in the range of the bad batteries.",
        "Not the battery: background sync after the update.",
    ),
    solutions=(
        "We changed the battery, your {product} is on the way back.",
        "The update of tonight repairs this. Please restart the phone once.",
    ),
    outside="safety@maker.example.org",
    waits_for="Waiting for Parts",
    products=_PHONES,
)

DEFECT: Final = Topic(
    tag="defect",
    department="Technical",
    weight=11,
    openings=(
        ("{product} does not turn on", "Yesterday it worked, today the {product} does not turn on at all."),
        ("Screen stays black", "The screen of my {product} is black, but it makes sounds. I need it for work."),
        ("No sound from the {product}", "Calls, music, alarms: nothing. The volume is at the top."),
    ),
    questions=(
        ("Please hold the button for twenty seconds. Does it show a light?", "A red light, three times."),
        ("Did it fall or get wet?", "No, it was on the table all day."),
    ),
    notes=(
        "Three red flashes: power board.",
        "Known fault, part is in the second drawer.",
    ),
    solutions=(
        "Repaired: new power board, one year of warranty on it.",
        "A new {product} is on its way to you.",
    ),
    outside="workshop@maker.example.org",
    waits_for="Waiting for Parts",
    products=_DEVICES,
)

TOPICS: Final = (DELIVERY, LOGIN, QUESTION, INVOICE, CHARGED, REFUND, EXCHANGE, OVERHEATING, DEFECT)

SPAM: Final = (
    ("You have won a cruise", "Answer today and pay nothing. This offer is for you alone."),
    ("Cheap toner, last chance", "Toner for every printer, at half the price, until midnight."),
    ("Your domain expires today", "Confirm within the hour or lose your name."),
)
NOT_SOLVED: Final = (
    "This is still not solved. Please look again.",
    "It worked for an hour, now it is the same as before.",
    "I closed the app as you said and nothing changed.",
)
THANKS: Final = ("Thank you, that was quick!", "All good now, thanks.", "Perfect, thank you very much.")
REMINDERS: Final = (
    "Do you still need our help with {order}?",
    "We have not heard from you. May we close this request?",
)
REFUND_REFUSED: Final = (
    "We cannot refund {order}: it came back after the 30 days in which you may return it.",
    "The {product} shows marks of use, so we can repair it but not take it back.",
)
BANK_DETAILS: Final = (
    "Your bank sent the money back. Which account shall we pay to?",
    "I closed that account in May. Please pay to the one on my latest order.",
)
"""What the desk asks where the bank sends an order back, and the answer."""
SILENCE: Final = "We did not hear from you, so we close this request. Just answer if you need us."

_FIRST: Final = (
    "Alma Bruno Celia Dario Edda Felix Gita Henrik Ilse Jonah Katya Leo Maren Nils Olga Pavel Rita Samir Tessa Ulf "
    "Vera Willem Xenia Yusuf Zora"
)
_LAST: Final = (
    "Abel Brandt Castell Dorn Eklund Ferrer Grube Holm Ivanov Jansen Kovac Lindt Moreau Novak Ortega Petrov Quist "
    "Rossi Santos Thorn Ueda Vogel Weiss Yilmaz Zeman"
)
FIRST_NAMES: Final = tuple(_FIRST.split())
LAST_NAMES: Final = tuple(_LAST.split())
