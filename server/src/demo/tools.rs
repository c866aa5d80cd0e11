//! What the agent's tools take and return.

use serde_json::{Value, json};

use super::dice::Dice;
use super::shop::Case;
use super::stories::Tool;

pub(super) fn name(tool: Tool) -> &'static str {
    match tool {
        Tool::LookupOrder => "lookup_order",
        Tool::TrackParcel => "track_parcel",
        Tool::CheckStock => "check_stock",
        Tool::StartReturn => "start_return",
        Tool::CreateVoucher => "create_voucher",
        Tool::Escalate => "escalate",
    }
}

pub(super) fn input(tool: Tool, case: &Case) -> Value {
    match tool {
        Tool::LookupOrder => json!({"order": case.order}),
        Tool::TrackParcel => json!({"carrier": case.carrier, "tracking": case.tracking}),
        Tool::CheckStock => {
            json!({"sku": case.shoe.sku, "colour": case.colour, "sizes": [case.size - 1, case.size, case.size + 1]})
        }
        Tool::StartReturn => json!({"order": case.order, "sku": case.shoe.sku, "label": "mail"}),
        Tool::CreateVoucher => json!({"value_percent": 15, "reason": "code failed at the till"}),
        Tool::Escalate => {
            json!({"team": "service", "summary": format!("{} {}, order {}", case.first, case.last, case.order)})
        }
    }
}

pub(super) fn output(tool: Tool, case: &Case, dice: &mut Dice) -> Value {
    match tool {
        Tool::LookupOrder => json!({
            "order": case.order,
            "state": dice.pick(&["packed", "shipped", "delivered", "received", "open"]),
            "lines": [{"sku": case.shoe.sku, "name": case.shoe.name, "colour": case.colour, "size": case.size, "price": case.price()}],
            "placed_days_ago": case.days,
            "payment": dice.pick(&["card", "card", "bank transfer", "wallet"]),
        }),
        Tool::TrackParcel => json!({
            "tracking": case.tracking,
            "events": [
                {"days_ago": case.days.min(7), "place": "Warehouse Ålesund", "what": "handed over"},
                {"days_ago": dice.between(0, 6), "place": format!("Depot {}", case.city), "what": "scanned"},
            ],
        }),
        Tool::CheckStock => json!({
            "sku": case.shoe.sku,
            "colour": case.colour,
            "pairs": {(case.size - 1).to_string(): dice.between(0, 9), case.size.to_string(): dice.between(0, 4), (case.size + 1).to_string(): dice.between(0, 12)},
            "next_delivery_in_days": dice.between(6, 15),
            "fit": {"small": dice.between(5, 25), "as expected": dice.between(60, 80), "large": dice.between(2, 12)},
        }),
        Tool::StartReturn => {
            json!({"return": format!("R-{}", dice.between(10_000, 99_999)), "label": "sent", "valid_days": 30})
        }
        Tool::CreateVoucher => json!({"code": format!("WALK-{}", case.order), "valid_days": 30}),
        Tool::Escalate => json!({"ticket": dice.between(4_000, 9_999), "queue": "service", "answer_by": "17:00"}),
    }
}
