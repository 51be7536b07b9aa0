using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster;

/// <summary>What the cluster back end logs.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Applied {Kind} {Namespace}/{Name}")]
    public static partial void ChildApplied(this ILogger logger, ChildKind kind, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Kind} {Namespace}/{Name}, which is no longer wanted")]
    public static partial void ChildDeleted(this ILogger logger, ChildKind kind, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Others set fields of {Kind} {Namespace}/{Name}: {Fields}")]
    public static partial void FieldsTakenBack(this ILogger logger, ChildKind kind, string @namespace, string name, string fields);

    [LoggerMessage(Level = LogLevel.Warning, Message = "It is not known who else scales Deployments, {Resource} cannot be read; going on as if nobody did: {Reason}")]
    public static partial void AutoscalersUnknown(this ILogger logger, ResourceType resource, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} cannot be read; none is in force: {Reason}")]
    public static partial void PoliciesUnknown(this ILogger logger, ResourceType resource, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} cannot be read; no InferencePolicy that selects by their labels is in force: {Reason}")]
    public static partial void NamespacesUnknown(this ILogger logger, ResourceType resource, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Agents get no {Resource}, which cannot be read; going on without: {Reason}")]
    public static partial void ChildrenUnknown(this ILogger logger, ResourceType resource, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Made the admin token of {Namespace}/{Name}")]
    public static partial void AdminTokenMade(this ILogger logger, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Looking after {Agent}")]
    public static partial void AgentTaken(this ILogger logger, ObjectKey agent);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Agent} is gone")]
    public static partial void AgentGone(this ILogger logger, ObjectKey agent);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: {Reason}")]
    public static partial void ReconcileFailed(this ILogger logger, ObjectKey agent, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API server {Server} does not serve {Resource}: install the CustomResourceDefinition (inference-operator crd | kubectl apply -f -); looking again")]
    public static partial void DefinitionMissing(this ILogger logger, Uri server, ResourceType resource);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API server {Server} cannot be asked; trying again: {Reason}")]
    public static partial void ServerAway(this ILogger logger, Uri server, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} may not be listed, so that scarce GPUs are divided without them; grant it and restart the operator: {Reason}")]
    public static partial void PoolUnknown(this ILogger logger, ResourceType resource, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Looking after InferenceAgents in {Scope} of {Server} ({Version})")]
    public static partial void Started(this ILogger logger, ClusterScope scope, Uri server, string version);
}
