using Kontor.Foundation.Seams;

namespace Kontor.Shop.Phone;

/// <summary>The catalogue, as phones keep it: the same for everybody.</summary>
internal sealed class ProductsTable : ISyncTable
{
    public SyncTable Shape { get; } = new("products", "shop_phone_products",
    [
        new("slug", SyncType.Text),
        new("name", SyncType.Text),
        new("description", SyncType.Text),
        new("category", SyncType.Text),
        new("price_minor", SyncType.Number),
        new("lowest_minor", SyncType.Number, Nullable: true),
        new("currency", SyncType.Text),
        new("image_url", SyncType.Text, Nullable: true),
        new("rating_tenths", SyncType.Number),
        new("review_count", SyncType.Number),
        new("in_stock", SyncType.Flag),
        new("created_at", SyncType.Number),
        new("updated_at", SyncType.Number),
    ],
    Since: 2, Kind: SyncKind.Shared);
}

/// <summary>A person's orders, as their phones keep them.</summary>
internal sealed class OrdersTable : ISyncTable
{
    public const string Name = "orders";

    public SyncTable Shape { get; } = new(Name, "shop_phone_orders",
    [
        new("number", SyncType.Text),
        new("status", SyncType.Text),
        new("total_minor", SyncType.Number),
        new("currency", SyncType.Text),
        new("created_at", SyncType.Number),
        new("updated_at", SyncType.Number),
    ],
    Since: 2, Kind: SyncKind.ReadOnly);
}

/// <summary>What was bought with each of them, as it was called and priced then.</summary>
internal sealed class OrderItemsTable : ISyncTable
{
    public SyncTable Shape { get; } = new("order_items", "shop_phone_order_items",
    [
        new("order_id", SyncType.Text),
        new("product_id", SyncType.Text),
        new("name", SyncType.Text),
        new("quantity", SyncType.Number),
        new("price_minor", SyncType.Number),
        new("position", SyncType.Number),
    ],
    new SyncParent(OrdersTable.Name, "order_id"), Since: 2, Kind: SyncKind.ReadOnly);
}
