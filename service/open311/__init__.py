"""The GeoReport v2 edge (Open311): its shapes, forms and queries; its addresses are in `service.routes.open311`."""
