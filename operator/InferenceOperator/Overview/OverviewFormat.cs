namespace InferenceOperator.Overview;

/// <summary>Forms of the output.</summary>
internal enum OverviewFormat
{
    Table,
    Wide,
    Json,
}
