//! Parcels: late, lost, stopped, wrongly addressed, wrongly charged.

use super::Tool::{CreateVoucher, Escalate, LookupOrder, TrackParcel};
use super::{Answer, Policy, Story};

pub(super) const STORIES: &[Story] = &[
    Story {
        intent: "where_is_my_order",
        openings: &[
            "Hi, my order {order} was supposed to be here two days ago. Do you know where it is?",
            "Tracking for {order} has said \"in transit\" since last week and I need the {shoe} for the weekend.",
            "Still waiting for {order}. {carrier} only tells me to ask the sender, so here I am.",
            "could you check order {order} pls, it hasn't moved",
            "I paid extra for fast delivery on {order} and it has been {days} days. What is going on?",
        ],
        before: &[("Hello, anyone there?", "Hello! I can help with orders, returns and sizes. What is it about?")],
        tools: &[LookupOrder, TrackParcel],
        outdoor: false,
        policy: Some(Policy {
            query: "parcel late delivery promise",
            section: "2.3",
            title: "Late parcels",
            text: "Standard delivery takes 3 to 5 working days. A parcel without a scan for 5 working days counts as lost: offer a new \
                   parcel or the money back, the customer chooses. Paid express that arrives late is refunded without being asked.",
        }),
        answers: &[
            Answer::good(
                "I've looked it up, {first}. {carrier} scanned your parcel at their depot near {city} this morning, so it should reach \
                 you tomorrow. You can follow it with {tracking}. If it isn't there by the evening after, write to me here and I'll send a \
                 second pair or your money back, whichever you prefer.",
            ),
            Answer::praised(
                "Your parcel ({tracking}) had its last scan six working days ago, and by our own rule that counts as lost. I'm sorry. Shall I \
                 send another pair of {shoe} in {colour}, size {size}, today, or would you rather have {price} back?",
                &["Exactly what 2.3 asks for: names the rule and lets the customer choose."],
            ),
            Answer::partial(
                "Thanks for your patience. {carrier} shows the parcel as being in transit. Deliveries can take a little longer at busy times, so \
                 please allow a few more days before contacting us again.",
                &["Missing step"],
                "Your parcel has had no scan for five working days, which we count as lost. Would you like a second pair sent today, or {price} back?",
                &[
                    "It had the tracking result with no scan since the 14th and still told them to wait.",
                    "Polite, but it ends the conversation instead of offering the choice in 2.3.",
                ],
            ),
            Answer::bad(
                "Good news, {first}! Your order was delivered yesterday at 14:10 and signed for at the front desk.",
                &["Invented fact"],
                "Your parcel is at the {carrier} depot near {city} and should reach you tomorrow. You can follow it with {tracking}.",
                &["Nothing in the tracking result says delivered. Where does the front desk come from?"],
            ),
        ],
        tags: &["delivery"],
        weight: 12,
    },
    Story {
        intent: "change_address",
        openings: &[
            "I just noticed I put my old flat on order {order}. Can you change it to Quay Street 4, {city}?",
            "Please send {order} to my office instead, I'm moving on Friday.",
            "Wrong house number on {order}! It's 17, not 71. Is it too late?",
        ],
        before: &[],
        tools: &[LookupOrder],
        outdoor: false,
        policy: Some(Policy {
            query: "change delivery address after ordering",
            section: "2.1",
            title: "Changing an order",
            text: "The address can be changed until the parcel is packed. After that only the carrier can redirect it, on its own page and \
                   free of charge. Never change an address to another country: customs papers are made with the order.",
        }),
        answers: &[
            Answer::good(
                "Done. {order} hasn't been packed yet, so I've changed the address and you'll get a new confirmation by mail in a minute. Everything else \
                 stays as it was.",
            ),
            Answer::good(
                "It is packed already, so I can't change the label any more. {carrier} can redirect it free of charge: open {tracking} on their page and \
                 choose \"deliver elsewhere\" before 18:00 today.",
            ),
            Answer::bad(
                "I have changed the address for you, no problem at all!",
                &["Invented fact", "Missing step"],
                "The parcel is packed, so the label can't be changed here. {carrier} can redirect it free of charge on the page of {tracking}.",
                &["The order was packed two hours before. There is no tool call that changes an address either."],
            ),
        ],
        tags: &["delivery", "address"],
        weight: 5,
    },
    Story {
        intent: "cancel_order",
        openings: &[
            "Please cancel {order}, I ordered the wrong size.",
            "Can I still cancel order {order}? Found the same shoes cheaper, sorry.",
            "Cancel. {order}. Thanks.",
        ],
        before: &[("I ordered by mistake", "That happens. Which order is it?")],
        tools: &[LookupOrder],
        outdoor: false,
        policy: Some(Policy {
            query: "cancel order before dispatch",
            section: "2.2",
            title: "Cancelling",
            text: "Orders can be cancelled until they are packed; the money goes back within 3 working days. Packed orders can be refused at the \
                   door or returned. Do not argue about the reason.",
        }),
        answers: &[
            Answer::good(
                "{order} is cancelled and nothing has been packed. The {price} will be back on your card within three working days.",
            ),
            Answer::partial(
                "I can cancel this for you. May I ask what made you change your mind? If it's the price, I could look for a discount before we give up \
                 on these lovely {shoe}.",
                &["Missing step"],
                "{order} is cancelled. The {price} will be back on your card within three working days.",
                &["2.2 says not to argue about the reason. They asked twice for a plain cancellation."],
            ),
            Answer::bad(
                "I'm afraid that orders can't be cancelled once they have been placed. You are welcome to return the shoes after delivery.",
                &["Wrong policy"],
                "{order} hasn't been packed, so it is cancelled now. The {price} will be back on your card within three working days.",
                &["This is the old rule. We dropped it in spring."],
            ),
        ],
        tags: &["cancellation"],
        weight: 6,
    },
    Story {
        intent: "double_charge",
        openings: &[
            "My card shows {price} twice for order {order}. I only bought one pair!",
            "Why have I been charged two times for {order}?",
            "There are two payments of {price} to you on my statement, please explain.",
        ],
        before: &[],
        tools: &[LookupOrder, Escalate],
        outdoor: false,
        policy: Some(Policy {
            query: "charged twice reservation and payment",
            section: "5.4",
            title: "Two payments for one order",
            text: "A reservation and a payment look like two charges; the reservation vanishes within 5 working days. If both have settled, pass it \
                   to the payments team with both references and tell the customer when they will hear back (one working day).",
        }),
        answers: &[
            Answer::good(
                "I can see one payment of {price} and one reservation of the same amount. The reservation isn't taken from your account; your bank drops it within \
                 five working days. If both lines are still there after that, send me a picture and I'll pass it to our payments team.",
            ),
            Answer::praised(
                "You're right, {first}: both payments of {price} have settled, which should not happen. I've passed both references to our payments team and \
                 you'll hear from them by tomorrow afternoon. I'm sorry for the fright.",
                &["Good: says when they hear back."],
            ),
            Answer::partial(
                "This is only a reservation and will disappear by itself.",
                &["Missing step"],
                "Both payments have settled. I've passed the references to our payments team; you'll hear from them within one working day.",
                &["In this case both were settled, see lookup_order."],
            ),
        ],
        tags: &["payment"],
        weight: 5,
    },
    Story {
        intent: "complaint",
        openings: &[
            "This is the third time I'm writing about {order}. THIRD. Nobody reads what I send you.",
            "Honestly the worst shop I have used. {days} days for a pair of {shoe} and no answer from anyone.",
            "I want to speak to a human being. Now.",
            "You people lost my parcel {order}, then lost my complaint. Impressive.",
        ],
        before: &[(
            "My parcel is lost. Order {order}.",
            "I'm sorry to hear that. Could you tell me your order number?",
        )],
        tools: &[LookupOrder, Escalate],
        outdoor: false,
        policy: Some(Policy {
            query: "angry customer escalation",
            section: "7.1",
            title: "When to pass on",
            text: "Pass a conversation to a person when the customer asks for one, writes for the third time, or mentions a lawyer. Say who will answer \
                   and when. A voucher is no apology: offer one only after the matter is settled.",
        }),
        answers: &[
            Answer::praised(
                "You have written three times and had no proper answer, and that is our fault. I've passed the whole conversation to Karin from our service team, so \
                 you won't have to explain again. She will write to you before 17:00 today.",
                &[
                    "Names a person and a time. This is the tone we want.",
                    "Could add that the parcel is being searched for, but fine.",
                ],
            ),
            Answer::partial(
                "I understand your frustration and apologise for the inconvenience. Here is a voucher for 10 % on your next order: WALK10.",
                &["Missing step"],
                "You have written three times without a proper answer, and that is our fault. I've passed the conversation to our service team; you'll hear from a person before 17:00.",
                &[
                    "A voucher before anything is settled. 7.1 says no.",
                    "\"I understand your frustration\" again. Can we ban this phrase?",
                ],
            ),
            Answer::bad(
                "As an assistant I'm not able to connect you with a person. Please describe your problem again so that I can help.",
                &["Refusal", "Wrong policy"],
                "Of course. I've passed the conversation to our service team; you'll hear from a person before 17:00 today.",
                &["They asked for a human in so many words. Must be passed on."],
            ),
        ],
        tags: &["complaint", "escalation"],
        weight: 7,
    },
    Story {
        intent: "voucher_problem",
        openings: &[
            "The code SPRING15 says \"not valid\" at the till. It's in your newsletter from yesterday!",
            "my voucher doesnt work on the {shoe}",
            "I got a welcome code but it isn't accepted together with the sale price. Is that right?",
        ],
        before: &[],
        tools: &[CreateVoucher],
        outdoor: false,
        policy: Some(Policy {
            query: "voucher not accepted sale items",
            section: "5.1",
            title: "Vouchers",
            text: "One voucher per order, not on gift cards, not on items reduced by more than 30 %. If a valid voucher fails for a technical reason, make \
                   a new one of the same value.",
        }),
        answers: &[
            Answer::good(
                "SPRING15 is valid, but not on pairs that are already reduced by more than 30 %, and the {shoe} are at 40 % off this week. On anything else in your basket it \
                 will work.",
            ),
            Answer::good(
                "That code should have worked, so I've made you a new one of the same value: WALK-{order}. It's good for 30 days. Sorry about the detour!",
            ),
            Answer::bad(
                "Sorry about that! As a goodwill gesture, here is a code for 50 % off: SORRY50.",
                &["Invented fact", "Wrong policy"],
                "SPRING15 is valid, but not on pairs reduced by more than 30 %. On anything else in your basket it will work.",
                &[
                    "SORRY50 does not exist and no tool was called. Please flag this for the release meeting.",
                    "Third invented code this week, always on v41.",
                ],
            ),
        ],
        tags: &["voucher"],
        weight: 6,
    },
];
