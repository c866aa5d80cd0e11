//! The shop of the demo: an online shoe shop, its customers and its shelves. All of it is made up.

use super::dice::Dice;

/// A pair of shoes on the shelf.
#[derive(Debug)]
pub(super) struct Shoe {
    pub(super) name: &'static str,
    pub(super) sku: &'static str,
    pub(super) outdoor: bool,
    pub(super) cents: i64,
    pub(super) colours: &'static [&'static str],
}

static SHOES: [Shoe; 14] = [
    Shoe {
        name: "Fjellrunner 3 trail shoes",
        sku: "FR3",
        outdoor: true,
        cents: 12_900,
        colours: &["moss", "slate", "ember"],
    },
    Shoe { name: "Harbour deck shoes", sku: "HDK", outdoor: true, cents: 8_900, colours: &["navy", "sand"] },
    Shoe {
        name: "Lina ballet flats",
        sku: "LNF",
        outdoor: false,
        cents: 6_450,
        colours: &["black", "blush", "bottle green"],
    },
    Shoe {
        name: "Tarmac Zero road shoes",
        sku: "TZ0",
        outdoor: true,
        cents: 14_500,
        colours: &["white", "signal yellow"],
    },
    Shoe { name: "Oskar chelsea boots", sku: "OCB", outdoor: false, cents: 17_900, colours: &["cognac", "black"] },
    Shoe { name: "Pebble toddler sandals", sku: "PBT", outdoor: false, cents: 3_490, colours: &["coral", "sky"] },
    Shoe { name: "Kestrel walking boots", sku: "KWB", outdoor: true, cents: 18_950, colours: &["peat", "graphite"] },
    Shoe { name: "Metro slip-ons", sku: "MSO", outdoor: false, cents: 5_990, colours: &["grey", "ink"] },
    Shoe { name: "Aurora winter boots", sku: "AWB", outdoor: true, cents: 15_900, colours: &["plum", "black"] },
    Shoe {
        name: "Court Classic trainers",
        sku: "CCT",
        outdoor: false,
        cents: 9_990,
        colours: &["white", "white and green"],
    },
    Shoe { name: "Solveig clogs", sku: "SVC", outdoor: false, cents: 7_500, colours: &["birch", "black"] },
    Shoe { name: "Nils school shoes", sku: "NSS", outdoor: false, cents: 5_490, colours: &["black"] },
    Shoe { name: "Ridge approach shoes", sku: "RAS", outdoor: true, cents: 13_450, colours: &["rust", "granite"] },
    Shoe {
        name: "Felt house slippers",
        sku: "FHS",
        outdoor: false,
        cents: 3_990,
        colours: &["oat", "charcoal", "berry"],
    },
];

const PEOPLE: [(&str, &str, &str); 42] = [
    ("Ingrid", "Solberg", "Bergen"),
    ("Tomasz", "Wilk", "Gdańsk"),
    ("Aoife", "Brennan", "Galway"),
    ("Lukas", "Hartmann", "Leipzig"),
    ("Priya", "Raman", "Leeds"),
    ("Jonas", "Lindqvist", "Malmö"),
    ("Camille", "Perrot", "Lyon"),
    ("Marek", "Novotný", "Brno"),
    ("Hanna", "Virtanen", "Tampere"),
    ("Diego", "Cabrera", "Valencia"),
    ("Sofie", "Mortensen", "Aarhus"),
    ("Elif", "Aydin", "Rotterdam"),
    ("George", "Papadakis", "Athens"),
    ("Marta", "Kowalczyk", "Poznań"),
    ("Ben", "Ashworth", "Sheffield"),
    ("Yuki", "Tanabe", "Düsseldorf"),
    ("Chiara", "Fontana", "Turin"),
    ("Owen", "Pryce", "Swansea"),
    ("Anneke", "de Wit", "Utrecht"),
    ("Samir", "Haddad", "Brussels"),
    ("Klara", "Jensen", "Odense"),
    ("Rui", "Teixeira", "Porto"),
    ("Zofia", "Lis", "Kraków"),
    ("Erik", "Halvorsen", "Trondheim"),
    ("Maeve", "Nolan", "Cork"),
    ("Petr", "Dvořák", "Plzeň"),
    ("Leila", "Moradi", "Gothenburg"),
    ("Thomas", "Bauer", "Graz"),
    ("Nadia", "Rossi", "Bologna"),
    ("Callum", "Reid", "Dundee"),
    ("Astrid", "Nyman", "Turku"),
    ("Viktor", "Szabó", "Győr"),
    ("Beatriz", "Lobo", "Braga"),
    ("Henrik", "Dahl", "Stavanger"),
    ("Fatima", "Zahra", "Antwerp"),
    ("Julien", "Marchal", "Nantes"),
    ("Wiktoria", "Zając", "Łódź"),
    ("Piet", "Jansen", "Groningen"),
    ("Orla", "Keane", "Limerick"),
    ("Milan", "Kovač", "Zagreb"),
    ("Sara", "Ekström", "Uppsala"),
    ("David", "Mensah", "Birmingham"),
];

/// Everything that a conversation is about.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) city: &'static str,
    pub(super) shoe: &'static Shoe,
    pub(super) colour: &'static str,
    pub(super) size: i64,
    pub(super) order: i64,
    pub(super) days: i64,
    pub(super) carrier: &'static str,
    pub(super) tracking: String,
    pub(super) tier: &'static str,
}

impl Case {
    pub(super) fn roll(dice: &mut Dice, outdoor: bool) -> Self {
        let (first, last, city) = dice.pick(&PEOPLE);
        let fitting: Vec<&Shoe> = SHOES.iter().filter(|shoe| shoe.outdoor || !outdoor).collect();
        let shoe = dice.pick(&fitting);
        let (low, high) = if shoe.sku == "PBT" || shoe.sku == "NSS" { (22, 34) } else { (36, 46) };
        Self {
            first,
            last,
            city,
            shoe,
            colour: dice.pick(shoe.colours),
            size: dice.between(low, high),
            order: dice.between(88_000, 97_400),
            days: dice.between(3, 24),
            carrier: dice.pick(&["Postlane", "NordParcel", "QuickDrop"]),
            tracking: format!("{}{}", dice.pick(&["PL", "NP", "QD"]), dice.between(10_000_000, 99_999_999)),
            tier: dice.pick(&["standard", "standard", "standard", "plus"]),
        }
    }

    pub(super) fn price(&self) -> String {
        format!("€{}.{:02}", self.shoe.cents / 100, self.shoe.cents % 100)
    }

    /// The text with its blanks filled.
    pub(super) fn fill(&self, text: &str) -> String {
        let blanks: [(&str, String); 13] = [
            ("{first}", self.first.to_owned()),
            ("{last}", self.last.to_owned()),
            ("{city}", self.city.to_owned()),
            ("{shoe}", self.shoe.name.to_owned()),
            ("{colour}", self.colour.to_owned()),
            ("{size}", self.size.to_string()),
            ("{larger}", (self.size + 1).to_string()),
            ("{smaller}", (self.size - 1).to_string()),
            ("{order}", self.order.to_string()),
            ("{days}", self.days.to_string()),
            ("{price}", self.price()),
            ("{carrier}", self.carrier.to_owned()),
            ("{tracking}", self.tracking.clone()),
        ];
        blanks.iter().fold(text.to_owned(), |text, (blank, value)| text.replace(blank, value))
    }
}
