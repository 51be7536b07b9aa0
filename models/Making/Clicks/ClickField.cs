namespace ModelMaking.Clicks;

/// <summary>What is known of an impression, in the order of the model's input.</summary>
internal enum ClickField
{
    User,
    Item,
    Category,
    Device,
    Hour,
    Position,
}
