//! Returns: refunds, exchanges, broken pairs, wrong pairs, deadlines.

use super::Tool::{CheckStock, Escalate, LookupOrder, StartReturn};
use super::{Answer, Policy, Story};

pub(super) const STORIES: &[Story] = &[
    Story {
        intent: "refund_status",
        openings: &[
            "I returned the {shoe} from order {order} three weeks ago and I still don't have my money. The tracking page says you received them. Can you sort this out today?",
            "Where is my refund for {order}?",
            "Hi, sent back {order} on the 2nd. Your mail says \"received\". When will I see the {price}?",
            "Refund for {order} please. It has been {days} days since your warehouse got the shoes.",
        ],
        before: &[("Hi", "Hello! What can I do for you?")],
        tools: &[LookupOrder],
        outdoor: false,
        policy: Some(Policy {
            query: "refund time after return received",
            section: "4.2",
            title: "When the money goes back",
            text: "Refunds are issued within 14 days of arrival at our warehouse, by the way the customer paid. After that the case is late: escalate it and \
                   promise a date. (Before March the limit was 30 days; old pages may still say so.)",
        }),
        answers: &[
            Answer::bad(
                "Thanks for waiting, and I'm sorry about the delay. I can see your {shoe} arrived with us on 2 November. Refunds are issued within 30 days of arrival, so yours \
                 is still on schedule. You'll receive {price} back on your original card.",
                &["Wrong policy"],
                "Refunds are issued within 14 days of arrival, so yours is a week late. I have escalated it and {price} will reach your card by Friday.",
                &[
                    "Policy section 4.2 says 14. The retriever returned the old page, see search_policy.",
                    "Same mistake as yesterday. Is the old page still in the index?",
                ],
            ),
            Answer::good(
                "Your {shoe} arrived at our warehouse nine days ago and the refund of {price} was issued this morning. Banks usually need one or two working days to show it.",
            ),
            Answer::praised(
                "You should have had your money by now, {first}. We promise it within 14 days of arrival and it has been {days}. I've escalated the refund of {price}; it will be on your card by \
                 Friday at the latest.",
                &["Right number, right escalation, and a date."],
            ),
            Answer::partial(
                "I've checked and your return is being processed. You will receive an e-mail as soon as the refund has been issued.",
                &["Missing step"],
                "Your return arrived {days} days ago. Refunds are issued within 14 days of arrival; I have escalated yours and {price} will reach your card by Friday.",
                &[
                    "Not wrong, but it says nothing the customer doesn't know. The order lookup had the date of arrival.",
                ],
            ),
        ],
        tags: &["refund"],
        weight: 14,
    },
    Story {
        intent: "exchange_size",
        openings: &[
            "The {shoe} are lovely but too small. Can I swap {size} for {larger}?",
            "I need one size up from what I ordered ({order}). How does that work, do I pay again?",
            "Bought {size}, should have bought {larger}. Order {order}.",
            "These run really small!! can i get a {larger} instead, order {order}",
        ],
        before: &[("Do you do exchanges?", "We do, within 30 days and free of charge. Which order is it about?")],
        tools: &[LookupOrder, CheckStock, StartReturn],
        outdoor: false,
        policy: Some(Policy {
            query: "exchange other size",
            section: "4.5",
            title: "Exchanges",
            text: "Exchanges for another size or colour are free within 30 days if the pair was only worn indoors. The new pair is reserved for 10 days and leaves when the \
                   old one is scanned by the carrier.",
        }),
        answers: &[
            Answer::good(
                "Size {larger} in {colour} is in stock, so I've reserved a pair for you. The label for the old ones is in your inbox. The new pair leaves as soon as {carrier} scans the old one, and there is \
                 nothing to pay.",
            ),
            Answer::good(
                "I'm sorry, the {shoe} in {colour} are sold out in {larger}. There are three pairs left in another colour, or I can send you the money for {order} instead. Which would you like?",
            ),
            Answer::partial(
                "Of course! Please order the new size on our website and send the old pair back. Once we have received it you will get a refund.",
                &["Missing step"],
                "Size {larger} in {colour} is in stock and reserved for you. The label is in your inbox; the new pair leaves when {carrier} scans the old one, free of charge.",
                &["We have free exchanges. Making people pay twice is what 4.5 was written against."],
            ),
            Answer::bad(
                "Size {larger} is reserved for you. Please note that a handling fee of €4.95 applies to exchanges.",
                &["Invented fact", "Wrong policy"],
                "Size {larger} is reserved for you. Exchanges are free within 30 days.",
                &["There has never been a fee."],
            ),
        ],
        tags: &["exchange", "size"],
        weight: 13,
    },
    Story {
        intent: "defect",
        openings: &[
            "The sole of my {shoe} is coming off after {days} days of normal wear. Not good enough for {price}.",
            "One of the eyelets broke the first time I laced them. Order {order}, photos attached.",
            "My {shoe} squeak with every step. Left one only. Is that a defect?",
            "Water comes through the seam of the left shoe. They are sold as waterproof.",
        ],
        before: &[],
        tools: &[LookupOrder, StartReturn],
        outdoor: false,
        policy: Some(Policy {
            query: "defect warranty two years",
            section: "6.1",
            title: "Broken pairs",
            text: "Two years of warranty. Within the first six months never ask the customer to prove anything. Offer a new pair first, a repair second, money back if neither works. \
                   Return shipping is on us.",
        }),
        answers: &[
            Answer::good(
                "That shouldn't happen to a pair of {shoe} after {days} days. You have two years of warranty, and this early you don't need to prove a thing: I've sent you a label and reserved a new pair \
                 in {colour}, size {size}. If you'd rather have them repaired, tell me.",
            ),
            Answer::partial(
                "I'm sorry to hear that. Please send us the shoes together with the receipt and a description of how the damage came about, and our workshop will decide whether it is covered.",
                &["Wrong policy"],
                "You have two years of warranty, and within six months you don't have to prove anything. I've sent you a label and reserved a new pair in size {size}.",
                &[
                    "Asks for proof within the first six months.",
                    "The label was started by the tool but never mentioned in the reply.",
                ],
            ),
            Answer::bad(
                "Unfortunately normal wear is excluded from the warranty. You could try a shoe glue, which costs about €6.",
                &["Wrong policy", "Missing step"],
                "You have two years of warranty. I've sent you a label and reserved a new pair in size {size}; return shipping is on us.",
                &["Shoe glue. I have no words.", "Please make this one a test case."],
            ),
        ],
        tags: &["warranty"],
        weight: 9,
    },
    Story {
        intent: "wrong_item",
        openings: &[
            "I ordered {shoe} and got a pair of somebody else's slippers. Order {order}.",
            "Two left shoes in the box. Two!",
            "Right shoe, wrong colour: I asked for {colour}.",
        ],
        before: &[],
        tools: &[LookupOrder, CheckStock, StartReturn],
        outdoor: false,
        policy: Some(Policy {
            query: "wrong item delivered",
            section: "4.7",
            title: "Our mistake",
            text: "Send the right pair at once, without waiting for the wrong one. The label for the wrong pair is free and valid for 30 days.",
        }),
        answers: &[
            Answer::praised(
                "Oh no. That was our mistake, so the right pair ({shoe}, {colour}, {size}) leaves today, without waiting for the other one. The free label in your inbox is valid for 30 days.",
                &["Perfect."],
            ),
            Answer::partial(
                "We're sorry for the mix-up. Please return the wrong pair with the label we've sent you; as soon as it has arrived we'll send the right one.",
                &["Wrong policy"],
                "That was our mistake, so the right pair leaves today without waiting for the other one. The label in your inbox is valid for 30 days.",
                &["4.7: do not wait for the wrong pair."],
            ),
        ],
        tags: &["warehouse"],
        weight: 6,
    },
    Story {
        intent: "late_return",
        openings: &[
            "I know I'm past the 30 days, but I was in hospital. Can I still send back {order}?",
            "My mother was ill and I forgot to return {order} in time. Is there anything you can do?",
            "Is it too late to return the {shoe}? I bought them {days} weeks ago as a present.",
        ],
        before: &[],
        tools: &[LookupOrder, Escalate],
        outdoor: false,
        policy: Some(Policy {
            query: "return after deadline exception",
            section: "4.1",
            title: "Deadline",
            text: "30 days from delivery; 60 for plus customers and for orders of November and December. After that a person decides about exceptions: pass it on, \
                   promise nothing.",
        }),
        answers: &[
            Answer::good(
                "I'm sorry to hear that. The 30 days are over, but exceptions are possible and one of my colleagues decides about them. I've passed your message on; you'll have an answer by tomorrow.",
            ),
            Answer::bad(
                "No problem, I've made an exception for you and you can return the shoes at any time.",
                &["Wrong policy"],
                "The 30 days are over, but a colleague can make an exception. I've passed your message on; you'll have an answer by tomorrow.",
                &["Promises something that only the service team may promise."],
            ),
        ],
        tags: &["return", "deadline"],
        weight: 5,
    },
    Story {
        intent: "late_return",
        openings: &[
            "your website says 30 days, the confirmation says 60?? which is it",
            "How long do I have to send back {order}? I've read two different numbers.",
        ],
        before: &[],
        tools: &[LookupOrder],
        outdoor: false,
        policy: Some(Policy {
            query: "return deadline 30 or 60 days",
            section: "4.1",
            title: "Deadline",
            text: "30 days from delivery; 60 for plus customers and for orders of November and December. After that a person decides about exceptions: pass it on, \
                   promise nothing.",
        }),
        answers: &[
            Answer::good(
                "Both numbers are right for somebody: it is 30 days in general, and 60 for plus customers and for orders of November and December. Yours is from November, so you have 60.",
            ),
            Answer::partial(
                "You have 30 days from delivery.",
                &["Wrong policy"],
                "It is 30 days in general and 60 for orders of November and December. Yours is from November, so you have 60.",
                &["The order is from November. The page with the exception was the second hit."],
            ),
        ],
        tags: &["return", "deadline"],
        weight: 3,
    },
];
