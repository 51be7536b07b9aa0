namespace InferenceOperator.Overview;

/// <summary>How an agent stands towards its SLO, in one word.</summary>
internal enum SloStanding
{
    /// <summary>The SLO is held.</summary>
    Held,

    /// <summary>Requests are answered; no SLO is declared.</summary>
    Undeclared,

    /// <summary>No request came: there is nothing to hold.</summary>
    Idle,

    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>Requests are answered, too many of them late.</summary>
    Missed,

    /// <summary>Requests are not answered.</summary>
    Down,
}
