/* eslint-disable */
import * as types from './graphql.ts';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
  '\n  fragment Folder on ArtifactConnection {\n    nodes {\n      path\n      name\n      isFolder\n      sizeBytes\n      file {\n        path\n        sizeBytes\n        sha256\n        integrity\n        checkedAt\n        downloadUrl\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n': typeof types.FolderFragmentDoc;
  '\n  query RunFolder($id: ID!, $path: String!) {\n    run(id: $id) {\n      artifacts(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n': typeof types.RunFolderDocument;
  '\n  query LoggedModelFolder($id: ID!, $path: String!) {\n    loggedModel(id: $id) {\n      artifacts(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n': typeof types.LoggedModelFolderDocument;
  '\n  query VersionFolder($id: ID!, $path: String!) {\n    datasetVersion(id: $id) {\n      entries(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n': typeof types.VersionFolderDocument;
  '\n  query InputCandidates($search: String) {\n    datasets(search: $search, first: 20) {\n      nodes {\n        id\n        name\n        versions(first: 20) {\n          nodes {\n            id\n            number\n            digest\n            message\n            createdAt\n            retraction {\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n': typeof types.InputCandidatesDocument;
  '\n  mutation ResolveInput($input: ID!, $datasetVersion: ID!) {\n    resolveInput(input: $input, datasetVersion: $datasetVersion) {\n      __typename\n      ... on DatasetInput {\n        id\n        name\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.ResolveInputDocument;
  '\n  query MetricSeries($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {\n    metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) {\n      key\n      pointCount\n      buckets {\n        toStep\n        last\n        min\n        max\n      }\n    }\n  }\n': typeof types.MetricSeriesDocument;
  '\n  query Search($text: String!, $runs: String!, $experiments: String!) {\n    experiments(filter: $experiments, first: 5) {\n      nodes {\n        experimentId\n        name\n        runCount\n      }\n    }\n    runs(filter: $runs, first: 6) {\n      nodes {\n        runId\n        name\n        experiment {\n          name\n        }\n      }\n    }\n    models(search: $text, first: 5) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n    datasets(search: $text, first: 5) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n    deployments(first: 50) {\n      nodes {\n        id\n        environment\n        target\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n': typeof types.SearchDocument;
  '\n  query Promotion($version: ID!) {\n    modelVersion(id: $version) {\n      id\n      version\n      digest\n      noDigestReason\n      model {\n        id\n        name\n        aliases {\n          alias\n          since\n          version {\n            id\n            version\n            digest\n            run {\n              ...PromotedRun\n            }\n            deployments(first: 20) {\n              nodes {\n                id\n                environment\n                target\n                isLive\n              }\n            }\n          }\n        }\n      }\n      run {\n        ...PromotedRun\n      }\n    }\n  }\n': typeof types.PromotionDocument;
  '\n  fragment PromotedRun on Run {\n    id\n    name\n    params {\n      key\n      value\n    }\n    metrics {\n      key\n      value\n    }\n    inputs {\n      name\n      datasetVersion {\n        number\n        dataset {\n          name\n        }\n      }\n    }\n  }\n': typeof types.PromotedRunFragmentDoc;
  '\n  mutation Promote($input: PromoteInput!) {\n    promote(input: $input) {\n      __typename\n      ... on ModelVersion {\n        id\n        version\n        aliases\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.PromoteDocument;
  '\n  query Rail {\n    viewer {\n      name\n      workspace {\n        name\n      }\n    }\n    experiments(first: 1) {\n      totalCount\n    }\n    datasets(first: 1) {\n      totalCount\n    }\n    models(first: 1) {\n      totalCount\n    }\n    deployments(first: 1) {\n      totalCount\n    }\n  }\n': typeof types.RailDocument;
  '\n  query ModelNames {\n    models(first: 100) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n  }\n': typeof types.ModelNamesDocument;
  '\n  mutation RegisterVersion($input: RegisterVersionInput!) {\n    registerVersion(input: $input) {\n      __typename\n      ... on ModelVersion {\n        id\n        version\n        model {\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RegisterVersionDocument;
  '\n  query ExperimentRuns(\n    $id: ID!\n    $filter: String\n    $orderBy: [String!]\n    $view: LifecycleView\n    $metrics: [String!]\n    $params: [String!]\n    $after: String\n  ) {\n    experiment(id: $id) {\n      id\n      runs(filter: $filter, orderBy: $orderBy, view: $view, first: 100, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          runId\n          name\n          status\n          lifecycle\n          user\n          startedAt\n          durationMs\n          metrics(keys: $metrics) {\n            key\n            value\n            step\n            min\n            max\n          }\n          params(keys: $params) {\n            key\n            value\n          }\n          inputs {\n            id\n            name\n            datasetVersion {\n              id\n              number\n              dataset {\n                name\n              }\n            }\n          }\n          modelVersions {\n            id\n            version\n            aliases\n            model {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n': typeof types.ExperimentRunsDocument;
  '\n  query Thread($id: ID!) {\n    thread(id: $id) {\n      data {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n      }\n      run {\n        id\n        kind\n        ref\n        label\n        detail\n      }\n      modelVersion {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        subject {\n          ... on ModelVersion {\n            aliases\n          }\n        }\n      }\n      deployments {\n        id\n        kind\n        ref\n        label\n        detail\n        subject {\n          ... on Deployment {\n            isLive\n            startedAt\n          }\n        }\n      }\n      edges {\n        from\n        to\n        evidence\n        relation\n      }\n      gaps {\n        node\n        kind\n        message\n        hint\n      }\n    }\n  }\n': typeof types.ThreadDocument;
  '\n  query Trace($id: ID!, $files: Int) {\n    traceDeployment(id: $id) {\n      deployment {\n        id\n      }\n      nodes {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n        subject {\n          __typename\n          ... on DatasetInput {\n            id\n            name\n            digest\n            source\n          }\n        }\n      }\n      edges {\n        from\n        to\n        relation\n        evidence\n        context\n      }\n      files(first: $files) {\n        path\n        sizeBytes\n        sha256\n        integrity\n        checkedAt\n        role\n        node\n      }\n      fileCount\n      integrity {\n        unchecked\n        intact\n        damaged\n        oldestCheckAt\n      }\n      verified\n      weakest {\n        from\n        to\n        relation\n        evidence\n      }\n      gaps {\n        node\n        kind\n        message\n        hint\n      }\n      truncated\n    }\n  }\n': typeof types.TraceDocument;
  '\n  mutation Verify($root: ID!) {\n    verify(root: $root) {\n      id\n    }\n  }\n': typeof types.VerifyDocument;
  '\n  query Verification($id: ID!) {\n    verification(id: $id) {\n      id\n      state\n      totalFiles\n      totalBytes\n      checkedFiles\n      checkedBytes\n      damagedFiles\n      error\n    }\n  }\n': typeof types.VerificationDocument;
  '\n  mutation RegisterUploaded($input: RegisterDatasetVersionInput!) {\n    registerDatasetVersion(input: $input) {\n      __typename\n      ... on DatasetVersion {\n        id\n        number\n        dataset {\n          id\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RegisterUploadedDocument;
  '\n  query Compare($filter: String!) {\n    runs(filter: $filter, view: ALL, first: 20) {\n      nodes {\n        id\n        runId\n        name\n        status\n        startedAt\n        durationMs\n        user\n        commit\n        experiment {\n          experimentId\n          name\n        }\n        params {\n          key\n          value\n        }\n        metrics {\n          key\n          value\n          step\n          min\n          max\n        }\n        inputs {\n          id\n          name\n          context\n          datasetVersion {\n            number\n            dataset {\n              name\n            }\n          }\n        }\n        modelVersions {\n          id\n          version\n          aliases\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n': typeof types.CompareDocument;
  '\n  query FindRuns($filter: String) {\n    runs(filter: $filter, first: 8) {\n      nodes {\n        id\n        runId\n        name\n        startedAt\n        experiment {\n          name\n        }\n      }\n    }\n  }\n': typeof types.FindRunsDocument;
  '\n  query DatasetDiff($from: ID!, $to: ID!, $after: String) {\n    datasetDiff(from: $from, to: $to, first: 200, after: $after) {\n      from {\n        number\n        digest\n      }\n      to {\n        number\n        digest\n      }\n      addedCount\n      removedCount\n      changedCount\n      unchangedCount\n      bytesDelta\n      differences {\n        path\n        change\n        before {\n          sizeBytes\n          sha256\n          downloadUrl\n        }\n        after {\n          sizeBytes\n          sha256\n          downloadUrl\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n': typeof types.DatasetDiffDocument;
  '\n  query DatasetVersionPage($id: ID!) {\n    datasetVersion(id: $id) {\n      id\n      ref\n      number\n      digest\n      dvcMd5\n      message\n      tags\n      isCurrent\n      fileCount\n      totalBytes\n      integrity\n      checkedAt\n      createdBy\n      createdAt\n      dataset {\n        id\n        name\n        versionCount\n        current {\n          id\n          number\n        }\n        tags {\n          name\n          version {\n            id\n          }\n        }\n      }\n      derivedFrom {\n        id\n        number\n        dataset {\n          name\n        }\n      }\n      derivatives {\n        id\n        number\n        dataset {\n          name\n        }\n      }\n      producedBy {\n        runId\n        name\n      }\n      sightings {\n        repository\n        path\n        commit\n        actor\n        seenAt\n      }\n      retraction {\n        reason\n        actor\n        at\n      }\n    }\n  }\n': typeof types.DatasetVersionPageDocument;
  '\n  query UsedBy($id: ID!, $after: String) {\n    datasetVersion(id: $id) {\n      id\n      usedBy(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          context\n          evidence\n          loggedAt\n          run {\n            runId\n            name\n            status\n            experiment {\n              experimentId\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n': typeof types.UsedByDocument;
  '\n  mutation Retract($version: ID!, $reason: String!) {\n    retractDatasetVersion(version: $version, reason: $reason) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RetractDocument;
  '\n  mutation Reinstate($version: ID!, $reason: String!) {\n    reinstateDatasetVersion(version: $version, reason: $reason) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.ReinstateDocument;
  '\n  mutation TagVersion($version: ID!, $tag: String!) {\n    tagDatasetVersion(version: $version, tag: $tag) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.TagVersionDocument;
  '\n  mutation Untag($dataset: ID!, $tag: String!) {\n    untagDataset(dataset: $dataset, tag: $tag) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.UntagDocument;
  '\n  query DatasetPage($id: ID!) {\n    dataset(id: $id) {\n      id\n      ref\n      name\n      description\n      createdAt\n      versionCount\n      current {\n        id\n        number\n      }\n      tags {\n        name\n        since\n        version {\n          number\n        }\n      }\n    }\n  }\n': typeof types.DatasetPageDocument;
  '\n  query DatasetVersions($id: ID!, $after: String) {\n    dataset(id: $id) {\n      id\n      versions(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          number\n          digest\n          message\n          tags\n          isCurrent\n          fileCount\n          totalBytes\n          integrity\n          checkedAt\n          createdBy\n          createdAt\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n': typeof types.DatasetVersionsDocument;
  '\n  mutation UpdateDataset($id: ID!, $description: String!) {\n    updateDataset(id: $id, description: $description) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.UpdateDatasetDocument;
  '\n  mutation DeleteDataset($id: ID!) {\n    deleteDataset(id: $id) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DeleteDatasetDocument;
  '\n  mutation SetCurrentVersion($version: ID!) {\n    setCurrentVersion(version: $version) {\n      __typename\n      ... on Dataset {\n        id\n        current {\n          number\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.SetCurrentVersionDocument;
  '\n  query Datasets($search: String, $after: String) {\n    datasets(search: $search, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        description\n        versionCount\n        current {\n          number\n          digest\n          fileCount\n          totalBytes\n          integrity\n          checkedAt\n          createdAt\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n': typeof types.DatasetsDocument;
  '\n  query DeploymentHistory($environment: String!, $after: String) {\n    deployments(environment: $environment, ended: true, first: 200, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        environment\n        target\n        digest\n        isLive\n        startedAt\n        startedBy\n        reason\n        endedAt\n        endedBy\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n': typeof types.DeploymentHistoryDocument;
  '\n  fragment DeploymentFacts on Deployment {\n    id\n    ref\n    environment\n    target\n    digest\n    isLive\n    startedAt\n    startedBy\n    reason\n    endedAt\n    endedBy\n    modelVersion {\n      id\n      version\n      aliases\n      model {\n        id\n        name\n      }\n    }\n    previous {\n      id\n      modelVersion {\n        version\n        model {\n          name\n        }\n      }\n    }\n  }\n': typeof types.DeploymentFactsFragmentDoc;
  '\n  query DeploymentPage($id: ID!) {\n    deployment(id: $id) {\n      ...DeploymentFacts\n    }\n  }\n': typeof types.DeploymentPageDocument;
  '\n  mutation RollBack($deployment: ID!, $reason: String) {\n    rollBack(deployment: $deployment, reason: $reason) {\n      __typename\n      ... on Deployment {\n        id\n        environment\n        target\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RollBackDocument;
  '\n  mutation EndDeployment($id: ID!, $reason: String) {\n    endDeployment(id: $id, reason: $reason) {\n      __typename\n      ... on Deployment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.EndDeploymentDocument;
  '\n  query Deployments($environment: String, $ended: Boolean!, $after: String) {\n    deployments(environment: $environment, ended: $ended, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        environment\n        target\n        digest\n        isLive\n        startedAt\n        startedBy\n        endedAt\n        modelVersion {\n          version\n          aliases\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n': typeof types.DeploymentsDocument;
  '\n  query ExperimentPage($id: ID!) {\n    experiment(id: $id) {\n      id\n      ref\n      experimentId\n      name\n      artifactLocation\n      lifecycle\n      tags {\n        key\n        value\n      }\n      createdAt\n      updatedAt\n      runCount\n      metricKeys\n      paramKeys\n    }\n  }\n': typeof types.ExperimentPageDocument;
  '\n  mutation RenameExperiment($id: ID!, $name: String!) {\n    renameExperiment(id: $id, name: $name) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RenameExperimentDocument;
  '\n  mutation DeleteExperiment($id: ID!) {\n    deleteExperiment(id: $id) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DeleteExperimentDocument;
  '\n  mutation RestoreExperiment($id: ID!) {\n    restoreExperiment(id: $id) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RestoreExperimentDocument;
  '\n  query Experiments($filter: String, $view: LifecycleView, $after: String) {\n    experiments(filter: $filter, view: $view, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        experimentId\n        name\n        lifecycle\n        runCount\n        createdAt\n        updatedAt\n        tags {\n          key\n          value\n        }\n      }\n    }\n  }\n': typeof types.ExperimentsDocument;
  '\n  query Home {\n    deployments(first: 8) {\n      totalCount\n      nodes {\n        id\n        environment\n        target\n        startedAt\n        startedBy\n        modelVersion {\n          version\n          digest\n          model {\n            name\n          }\n        }\n      }\n    }\n    runs(orderBy: ["attributes.start_time DESC"], first: 10) {\n      totalCount\n      nodes {\n        id\n        runId\n        name\n        status\n        startedAt\n        experiment {\n          experimentId\n          name\n        }\n        modelVersions {\n          id\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n    models(first: 6) {\n      nodes {\n        id\n        name\n        versionCount\n        updatedAt\n        latestVersion {\n          version\n          digest\n          createdAt\n          aliases\n          integrity\n        }\n      }\n    }\n    datasets(first: 6) {\n      nodes {\n        id\n        name\n        versionCount\n        current {\n          number\n          digest\n          createdAt\n          integrity\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n': typeof types.HomeDocument;
  '\n  query Verdict($id: ID!) {\n    traceDeployment(id: $id) {\n      verified\n      fileCount\n      integrity {\n        unchecked\n        intact\n        damaged\n        oldestCheckAt\n      }\n      weakest {\n        evidence\n      }\n      gaps {\n        message\n      }\n    }\n  }\n': typeof types.VerdictDocument;
  '\n  query LineagePage($root: ID!, $direction: LineageDirection!, $depth: Int) {\n    lineage(root: $root, direction: $direction, depth: $depth) {\n      root\n      nodes {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n      }\n      edges {\n        from\n        to\n        relation\n        evidence\n        context\n        recordedAt\n      }\n      truncated\n      cyclic\n    }\n  }\n': typeof types.LineagePageDocument;
  '\n  query LineageStarts {\n    deployments(first: 10) {\n      nodes {\n        id\n        environment\n        target\n      }\n    }\n    datasets(first: 10) {\n      nodes {\n        id\n        name\n        current {\n          id\n          number\n        }\n      }\n    }\n  }\n': typeof types.LineageStartsDocument;
  '\n  query LoggedModelPage($id: ID!) {\n    loggedModel(id: $id) {\n      id\n      ref\n      modelId\n      name\n      modelType\n      status\n      createdAt\n      sourceRunEvidence\n      experiment {\n        experimentId\n        name\n      }\n      sourceRun {\n        id\n        runId\n        name\n      }\n      params {\n        key\n        value\n      }\n      tags {\n        key\n        value\n      }\n      modelVersions {\n        id\n        version\n        digest\n        aliases\n        model {\n          name\n        }\n      }\n    }\n  }\n': typeof types.LoggedModelPageDocument;
  '\n  query ModelVersionPage($id: ID!) {\n    modelVersion(id: $id) {\n      id\n      ref\n      version\n      description\n      aliases\n      stage\n      source\n      digest\n      noDigestReason\n      fileCount\n      totalBytes\n      integrity\n      runEvidence\n      createdBy\n      createdAt\n      tags {\n        key\n        value\n      }\n      model {\n        id\n        name\n      }\n      run {\n        runId\n        name\n      }\n      loggedModel {\n        modelId\n        name\n      }\n      copiedFrom {\n        version\n        model {\n          name\n        }\n      }\n      deployments(first: 50) {\n        nodes {\n          id\n          environment\n          target\n          isLive\n          startedAt\n          startedBy\n          endedAt\n        }\n      }\n    }\n  }\n': typeof types.ModelVersionPageDocument;
  '\n  query VersionFiles($id: ID!, $after: String) {\n    modelVersion(id: $id) {\n      id\n      files(first: 100, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          path\n          sizeBytes\n          sha256\n          integrity\n          checkedAt\n          downloadUrl\n        }\n      }\n    }\n  }\n': typeof types.VersionFilesDocument;
  '\n  mutation Deploy($input: DeployInput!) {\n    deploy(input: $input) {\n      __typename\n      ... on Deployment {\n        id\n        environment\n        target\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DeployDocument;
  '\n  query Targets {\n    deployments(first: 100) {\n      nodes {\n        id\n        environment\n        target\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n': typeof types.TargetsDocument;
  '\n  mutation DeleteVersion($id: ID!) {\n    deleteVersion(id: $id) {\n      __typename\n      ... on ModelVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DeleteVersionDocument;
  '\n  mutation DescribeVersion($id: ID!, $description: String!) {\n    updateVersion(id: $id, description: $description) {\n      __typename\n      ... on ModelVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DescribeVersionDocument;
  '\n  query ModelPage($id: ID!) {\n    model(id: $id) {\n      id\n      ref\n      name\n      description\n      tags {\n        key\n        value\n      }\n      createdAt\n      updatedAt\n      versionCount\n      aliases {\n        alias\n        since\n        version {\n          id\n          version\n        }\n      }\n      latestVersion {\n        id\n        version\n      }\n    }\n  }\n': typeof types.ModelPageDocument;
  '\n  query ModelVersions($id: ID!, $after: String) {\n    model(id: $id) {\n      id\n      versions(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          version\n          description\n          aliases\n          stage\n          digest\n          noDigestReason\n          integrity\n          fileCount\n          totalBytes\n          createdBy\n          createdAt\n          runEvidence\n          run {\n            runId\n            name\n          }\n          deployments(first: 10) {\n            nodes {\n              id\n              environment\n              target\n              isLive\n            }\n          }\n        }\n      }\n    }\n  }\n': typeof types.ModelVersionsDocument;
  '\n  query AliasHistory($id: ID!, $after: String) {\n    model(id: $id) {\n      id\n      aliasHistory(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          alias\n          action\n          outcome\n          actor\n          reason\n          refusal\n          at\n          version {\n            version\n          }\n          previous {\n            version\n          }\n        }\n      }\n    }\n  }\n': typeof types.AliasHistoryDocument;
  '\n  mutation UpdateModel($id: ID!, $name: String, $description: String) {\n    updateModel(id: $id, name: $name, description: $description) {\n      __typename\n      ... on RegisteredModel {\n        id\n        name\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.UpdateModelDocument;
  '\n  mutation DeleteModel($id: ID!) {\n    deleteModel(id: $id) {\n      __typename\n      ... on RegisteredModel {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DeleteModelDocument;
  '\n  mutation RemoveAlias($model: ID!, $alias: String!, $reason: String) {\n    removeAlias(model: $model, alias: $alias, reason: $reason) {\n      __typename\n      ... on RegisteredModel {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RemoveAliasDocument;
  '\n  query Models($search: String, $after: String) {\n    models(search: $search, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        description\n        versionCount\n        updatedAt\n        aliases {\n          alias\n          version {\n            version\n          }\n        }\n        latestVersion {\n          version\n          createdAt\n        }\n      }\n    }\n  }\n': typeof types.ModelsDocument;
  '\n  query RunPage($id: ID!) {\n    run(id: $id) {\n      id\n      ref\n      runId\n      name\n      status\n      lifecycle\n      experiment {\n        experimentId\n        name\n      }\n      parent {\n        runId\n        name\n      }\n      children(first: 50) {\n        totalCount\n        nodes {\n          id\n          runId\n          name\n          status\n        }\n      }\n      user\n      startedAt\n      endedAt\n      durationMs\n      params {\n        key\n        value\n      }\n      metrics {\n        key\n        value\n        step\n        timestamp\n        min\n        max\n      }\n      pointCount\n      tags {\n        key\n        value\n      }\n      inputs {\n        id\n        name\n        digest\n        sourceType\n        source\n        schema\n        context\n        evidence\n        resolvedBy\n        datasetVersion {\n          id\n          number\n          integrity\n          checkedAt\n          retraction {\n            reason\n          }\n          dataset {\n            name\n          }\n        }\n      }\n      producedDatasets {\n        id\n        number\n        digest\n        dataset {\n          name\n        }\n      }\n      loggedModels {\n        id\n        modelId\n        name\n        modelType\n        status\n        createdAt\n        modelVersions {\n          id\n        }\n      }\n      modelVersions {\n        id\n        version\n        digest\n        aliases\n        integrity\n        model {\n          name\n        }\n      }\n      artifactUri\n      commit\n      source\n    }\n  }\n': typeof types.RunPageDocument;
  '\n  mutation DeleteRun($id: ID!) {\n    deleteRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.DeleteRunDocument;
  '\n  mutation RestoreRun($id: ID!) {\n    restoreRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RestoreRunDocument;
  '\n  query Viewer {\n    viewer {\n      name\n      scope\n      isLocal\n      workspace {\n        name\n      }\n    }\n  }\n': typeof types.ViewerDocument;
  '\n  query Tokens($after: String) {\n    tokens(first: 50, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        hint\n        principal\n        scope\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n    }\n  }\n': typeof types.TokensDocument;
  '\n  mutation CreateToken($input: CreateTokenInput!) {\n    createToken(input: $input) {\n      __typename\n      ... on CreatedToken {\n        secret\n        token {\n          id\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.CreateTokenDocument;
  '\n  mutation RevokeToken($id: ID!) {\n    revokeToken(id: $id) {\n      __typename\n      ... on Token {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n': typeof types.RevokeTokenDocument;
  '\n  mutation Collect($dryRun: Boolean!) {\n    collect(dryRun: $dryRun) {\n      dryRun\n      manifests\n      fileSets\n      blobs\n      objects\n      uploads\n      bytes\n    }\n  }\n': typeof types.CollectDocument;
};
const documents: Documents = {
  '\n  fragment Folder on ArtifactConnection {\n    nodes {\n      path\n      name\n      isFolder\n      sizeBytes\n      file {\n        path\n        sizeBytes\n        sha256\n        integrity\n        checkedAt\n        downloadUrl\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n':
    types.FolderFragmentDoc,
  '\n  query RunFolder($id: ID!, $path: String!) {\n    run(id: $id) {\n      artifacts(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n':
    types.RunFolderDocument,
  '\n  query LoggedModelFolder($id: ID!, $path: String!) {\n    loggedModel(id: $id) {\n      artifacts(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n':
    types.LoggedModelFolderDocument,
  '\n  query VersionFolder($id: ID!, $path: String!) {\n    datasetVersion(id: $id) {\n      entries(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n':
    types.VersionFolderDocument,
  '\n  query InputCandidates($search: String) {\n    datasets(search: $search, first: 20) {\n      nodes {\n        id\n        name\n        versions(first: 20) {\n          nodes {\n            id\n            number\n            digest\n            message\n            createdAt\n            retraction {\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n':
    types.InputCandidatesDocument,
  '\n  mutation ResolveInput($input: ID!, $datasetVersion: ID!) {\n    resolveInput(input: $input, datasetVersion: $datasetVersion) {\n      __typename\n      ... on DatasetInput {\n        id\n        name\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.ResolveInputDocument,
  '\n  query MetricSeries($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {\n    metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) {\n      key\n      pointCount\n      buckets {\n        toStep\n        last\n        min\n        max\n      }\n    }\n  }\n':
    types.MetricSeriesDocument,
  '\n  query Search($text: String!, $runs: String!, $experiments: String!) {\n    experiments(filter: $experiments, first: 5) {\n      nodes {\n        experimentId\n        name\n        runCount\n      }\n    }\n    runs(filter: $runs, first: 6) {\n      nodes {\n        runId\n        name\n        experiment {\n          name\n        }\n      }\n    }\n    models(search: $text, first: 5) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n    datasets(search: $text, first: 5) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n    deployments(first: 50) {\n      nodes {\n        id\n        environment\n        target\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n':
    types.SearchDocument,
  '\n  query Promotion($version: ID!) {\n    modelVersion(id: $version) {\n      id\n      version\n      digest\n      noDigestReason\n      model {\n        id\n        name\n        aliases {\n          alias\n          since\n          version {\n            id\n            version\n            digest\n            run {\n              ...PromotedRun\n            }\n            deployments(first: 20) {\n              nodes {\n                id\n                environment\n                target\n                isLive\n              }\n            }\n          }\n        }\n      }\n      run {\n        ...PromotedRun\n      }\n    }\n  }\n':
    types.PromotionDocument,
  '\n  fragment PromotedRun on Run {\n    id\n    name\n    params {\n      key\n      value\n    }\n    metrics {\n      key\n      value\n    }\n    inputs {\n      name\n      datasetVersion {\n        number\n        dataset {\n          name\n        }\n      }\n    }\n  }\n':
    types.PromotedRunFragmentDoc,
  '\n  mutation Promote($input: PromoteInput!) {\n    promote(input: $input) {\n      __typename\n      ... on ModelVersion {\n        id\n        version\n        aliases\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.PromoteDocument,
  '\n  query Rail {\n    viewer {\n      name\n      workspace {\n        name\n      }\n    }\n    experiments(first: 1) {\n      totalCount\n    }\n    datasets(first: 1) {\n      totalCount\n    }\n    models(first: 1) {\n      totalCount\n    }\n    deployments(first: 1) {\n      totalCount\n    }\n  }\n':
    types.RailDocument,
  '\n  query ModelNames {\n    models(first: 100) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n  }\n':
    types.ModelNamesDocument,
  '\n  mutation RegisterVersion($input: RegisterVersionInput!) {\n    registerVersion(input: $input) {\n      __typename\n      ... on ModelVersion {\n        id\n        version\n        model {\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RegisterVersionDocument,
  '\n  query ExperimentRuns(\n    $id: ID!\n    $filter: String\n    $orderBy: [String!]\n    $view: LifecycleView\n    $metrics: [String!]\n    $params: [String!]\n    $after: String\n  ) {\n    experiment(id: $id) {\n      id\n      runs(filter: $filter, orderBy: $orderBy, view: $view, first: 100, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          runId\n          name\n          status\n          lifecycle\n          user\n          startedAt\n          durationMs\n          metrics(keys: $metrics) {\n            key\n            value\n            step\n            min\n            max\n          }\n          params(keys: $params) {\n            key\n            value\n          }\n          inputs {\n            id\n            name\n            datasetVersion {\n              id\n              number\n              dataset {\n                name\n              }\n            }\n          }\n          modelVersions {\n            id\n            version\n            aliases\n            model {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n':
    types.ExperimentRunsDocument,
  '\n  query Thread($id: ID!) {\n    thread(id: $id) {\n      data {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n      }\n      run {\n        id\n        kind\n        ref\n        label\n        detail\n      }\n      modelVersion {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        subject {\n          ... on ModelVersion {\n            aliases\n          }\n        }\n      }\n      deployments {\n        id\n        kind\n        ref\n        label\n        detail\n        subject {\n          ... on Deployment {\n            isLive\n            startedAt\n          }\n        }\n      }\n      edges {\n        from\n        to\n        evidence\n        relation\n      }\n      gaps {\n        node\n        kind\n        message\n        hint\n      }\n    }\n  }\n':
    types.ThreadDocument,
  '\n  query Trace($id: ID!, $files: Int) {\n    traceDeployment(id: $id) {\n      deployment {\n        id\n      }\n      nodes {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n        subject {\n          __typename\n          ... on DatasetInput {\n            id\n            name\n            digest\n            source\n          }\n        }\n      }\n      edges {\n        from\n        to\n        relation\n        evidence\n        context\n      }\n      files(first: $files) {\n        path\n        sizeBytes\n        sha256\n        integrity\n        checkedAt\n        role\n        node\n      }\n      fileCount\n      integrity {\n        unchecked\n        intact\n        damaged\n        oldestCheckAt\n      }\n      verified\n      weakest {\n        from\n        to\n        relation\n        evidence\n      }\n      gaps {\n        node\n        kind\n        message\n        hint\n      }\n      truncated\n    }\n  }\n':
    types.TraceDocument,
  '\n  mutation Verify($root: ID!) {\n    verify(root: $root) {\n      id\n    }\n  }\n': types.VerifyDocument,
  '\n  query Verification($id: ID!) {\n    verification(id: $id) {\n      id\n      state\n      totalFiles\n      totalBytes\n      checkedFiles\n      checkedBytes\n      damagedFiles\n      error\n    }\n  }\n':
    types.VerificationDocument,
  '\n  mutation RegisterUploaded($input: RegisterDatasetVersionInput!) {\n    registerDatasetVersion(input: $input) {\n      __typename\n      ... on DatasetVersion {\n        id\n        number\n        dataset {\n          id\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RegisterUploadedDocument,
  '\n  query Compare($filter: String!) {\n    runs(filter: $filter, view: ALL, first: 20) {\n      nodes {\n        id\n        runId\n        name\n        status\n        startedAt\n        durationMs\n        user\n        commit\n        experiment {\n          experimentId\n          name\n        }\n        params {\n          key\n          value\n        }\n        metrics {\n          key\n          value\n          step\n          min\n          max\n        }\n        inputs {\n          id\n          name\n          context\n          datasetVersion {\n            number\n            dataset {\n              name\n            }\n          }\n        }\n        modelVersions {\n          id\n          version\n          aliases\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n':
    types.CompareDocument,
  '\n  query FindRuns($filter: String) {\n    runs(filter: $filter, first: 8) {\n      nodes {\n        id\n        runId\n        name\n        startedAt\n        experiment {\n          name\n        }\n      }\n    }\n  }\n':
    types.FindRunsDocument,
  '\n  query DatasetDiff($from: ID!, $to: ID!, $after: String) {\n    datasetDiff(from: $from, to: $to, first: 200, after: $after) {\n      from {\n        number\n        digest\n      }\n      to {\n        number\n        digest\n      }\n      addedCount\n      removedCount\n      changedCount\n      unchangedCount\n      bytesDelta\n      differences {\n        path\n        change\n        before {\n          sizeBytes\n          sha256\n          downloadUrl\n        }\n        after {\n          sizeBytes\n          sha256\n          downloadUrl\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n':
    types.DatasetDiffDocument,
  '\n  query DatasetVersionPage($id: ID!) {\n    datasetVersion(id: $id) {\n      id\n      ref\n      number\n      digest\n      dvcMd5\n      message\n      tags\n      isCurrent\n      fileCount\n      totalBytes\n      integrity\n      checkedAt\n      createdBy\n      createdAt\n      dataset {\n        id\n        name\n        versionCount\n        current {\n          id\n          number\n        }\n        tags {\n          name\n          version {\n            id\n          }\n        }\n      }\n      derivedFrom {\n        id\n        number\n        dataset {\n          name\n        }\n      }\n      derivatives {\n        id\n        number\n        dataset {\n          name\n        }\n      }\n      producedBy {\n        runId\n        name\n      }\n      sightings {\n        repository\n        path\n        commit\n        actor\n        seenAt\n      }\n      retraction {\n        reason\n        actor\n        at\n      }\n    }\n  }\n':
    types.DatasetVersionPageDocument,
  '\n  query UsedBy($id: ID!, $after: String) {\n    datasetVersion(id: $id) {\n      id\n      usedBy(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          context\n          evidence\n          loggedAt\n          run {\n            runId\n            name\n            status\n            experiment {\n              experimentId\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n':
    types.UsedByDocument,
  '\n  mutation Retract($version: ID!, $reason: String!) {\n    retractDatasetVersion(version: $version, reason: $reason) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RetractDocument,
  '\n  mutation Reinstate($version: ID!, $reason: String!) {\n    reinstateDatasetVersion(version: $version, reason: $reason) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.ReinstateDocument,
  '\n  mutation TagVersion($version: ID!, $tag: String!) {\n    tagDatasetVersion(version: $version, tag: $tag) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.TagVersionDocument,
  '\n  mutation Untag($dataset: ID!, $tag: String!) {\n    untagDataset(dataset: $dataset, tag: $tag) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.UntagDocument,
  '\n  query DatasetPage($id: ID!) {\n    dataset(id: $id) {\n      id\n      ref\n      name\n      description\n      createdAt\n      versionCount\n      current {\n        id\n        number\n      }\n      tags {\n        name\n        since\n        version {\n          number\n        }\n      }\n    }\n  }\n':
    types.DatasetPageDocument,
  '\n  query DatasetVersions($id: ID!, $after: String) {\n    dataset(id: $id) {\n      id\n      versions(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          number\n          digest\n          message\n          tags\n          isCurrent\n          fileCount\n          totalBytes\n          integrity\n          checkedAt\n          createdBy\n          createdAt\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n':
    types.DatasetVersionsDocument,
  '\n  mutation UpdateDataset($id: ID!, $description: String!) {\n    updateDataset(id: $id, description: $description) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.UpdateDatasetDocument,
  '\n  mutation DeleteDataset($id: ID!) {\n    deleteDataset(id: $id) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DeleteDatasetDocument,
  '\n  mutation SetCurrentVersion($version: ID!) {\n    setCurrentVersion(version: $version) {\n      __typename\n      ... on Dataset {\n        id\n        current {\n          number\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.SetCurrentVersionDocument,
  '\n  query Datasets($search: String, $after: String) {\n    datasets(search: $search, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        description\n        versionCount\n        current {\n          number\n          digest\n          fileCount\n          totalBytes\n          integrity\n          checkedAt\n          createdAt\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n':
    types.DatasetsDocument,
  '\n  query DeploymentHistory($environment: String!, $after: String) {\n    deployments(environment: $environment, ended: true, first: 200, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        environment\n        target\n        digest\n        isLive\n        startedAt\n        startedBy\n        reason\n        endedAt\n        endedBy\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n':
    types.DeploymentHistoryDocument,
  '\n  fragment DeploymentFacts on Deployment {\n    id\n    ref\n    environment\n    target\n    digest\n    isLive\n    startedAt\n    startedBy\n    reason\n    endedAt\n    endedBy\n    modelVersion {\n      id\n      version\n      aliases\n      model {\n        id\n        name\n      }\n    }\n    previous {\n      id\n      modelVersion {\n        version\n        model {\n          name\n        }\n      }\n    }\n  }\n':
    types.DeploymentFactsFragmentDoc,
  '\n  query DeploymentPage($id: ID!) {\n    deployment(id: $id) {\n      ...DeploymentFacts\n    }\n  }\n': types.DeploymentPageDocument,
  '\n  mutation RollBack($deployment: ID!, $reason: String) {\n    rollBack(deployment: $deployment, reason: $reason) {\n      __typename\n      ... on Deployment {\n        id\n        environment\n        target\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RollBackDocument,
  '\n  mutation EndDeployment($id: ID!, $reason: String) {\n    endDeployment(id: $id, reason: $reason) {\n      __typename\n      ... on Deployment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.EndDeploymentDocument,
  '\n  query Deployments($environment: String, $ended: Boolean!, $after: String) {\n    deployments(environment: $environment, ended: $ended, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        environment\n        target\n        digest\n        isLive\n        startedAt\n        startedBy\n        endedAt\n        modelVersion {\n          version\n          aliases\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n':
    types.DeploymentsDocument,
  '\n  query ExperimentPage($id: ID!) {\n    experiment(id: $id) {\n      id\n      ref\n      experimentId\n      name\n      artifactLocation\n      lifecycle\n      tags {\n        key\n        value\n      }\n      createdAt\n      updatedAt\n      runCount\n      metricKeys\n      paramKeys\n    }\n  }\n':
    types.ExperimentPageDocument,
  '\n  mutation RenameExperiment($id: ID!, $name: String!) {\n    renameExperiment(id: $id, name: $name) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RenameExperimentDocument,
  '\n  mutation DeleteExperiment($id: ID!) {\n    deleteExperiment(id: $id) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DeleteExperimentDocument,
  '\n  mutation RestoreExperiment($id: ID!) {\n    restoreExperiment(id: $id) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RestoreExperimentDocument,
  '\n  query Experiments($filter: String, $view: LifecycleView, $after: String) {\n    experiments(filter: $filter, view: $view, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        experimentId\n        name\n        lifecycle\n        runCount\n        createdAt\n        updatedAt\n        tags {\n          key\n          value\n        }\n      }\n    }\n  }\n':
    types.ExperimentsDocument,
  '\n  query Home {\n    deployments(first: 8) {\n      totalCount\n      nodes {\n        id\n        environment\n        target\n        startedAt\n        startedBy\n        modelVersion {\n          version\n          digest\n          model {\n            name\n          }\n        }\n      }\n    }\n    runs(orderBy: ["attributes.start_time DESC"], first: 10) {\n      totalCount\n      nodes {\n        id\n        runId\n        name\n        status\n        startedAt\n        experiment {\n          experimentId\n          name\n        }\n        modelVersions {\n          id\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n    models(first: 6) {\n      nodes {\n        id\n        name\n        versionCount\n        updatedAt\n        latestVersion {\n          version\n          digest\n          createdAt\n          aliases\n          integrity\n        }\n      }\n    }\n    datasets(first: 6) {\n      nodes {\n        id\n        name\n        versionCount\n        current {\n          number\n          digest\n          createdAt\n          integrity\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n':
    types.HomeDocument,
  '\n  query Verdict($id: ID!) {\n    traceDeployment(id: $id) {\n      verified\n      fileCount\n      integrity {\n        unchecked\n        intact\n        damaged\n        oldestCheckAt\n      }\n      weakest {\n        evidence\n      }\n      gaps {\n        message\n      }\n    }\n  }\n':
    types.VerdictDocument,
  '\n  query LineagePage($root: ID!, $direction: LineageDirection!, $depth: Int) {\n    lineage(root: $root, direction: $direction, depth: $depth) {\n      root\n      nodes {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n      }\n      edges {\n        from\n        to\n        relation\n        evidence\n        context\n        recordedAt\n      }\n      truncated\n      cyclic\n    }\n  }\n':
    types.LineagePageDocument,
  '\n  query LineageStarts {\n    deployments(first: 10) {\n      nodes {\n        id\n        environment\n        target\n      }\n    }\n    datasets(first: 10) {\n      nodes {\n        id\n        name\n        current {\n          id\n          number\n        }\n      }\n    }\n  }\n':
    types.LineageStartsDocument,
  '\n  query LoggedModelPage($id: ID!) {\n    loggedModel(id: $id) {\n      id\n      ref\n      modelId\n      name\n      modelType\n      status\n      createdAt\n      sourceRunEvidence\n      experiment {\n        experimentId\n        name\n      }\n      sourceRun {\n        id\n        runId\n        name\n      }\n      params {\n        key\n        value\n      }\n      tags {\n        key\n        value\n      }\n      modelVersions {\n        id\n        version\n        digest\n        aliases\n        model {\n          name\n        }\n      }\n    }\n  }\n':
    types.LoggedModelPageDocument,
  '\n  query ModelVersionPage($id: ID!) {\n    modelVersion(id: $id) {\n      id\n      ref\n      version\n      description\n      aliases\n      stage\n      source\n      digest\n      noDigestReason\n      fileCount\n      totalBytes\n      integrity\n      runEvidence\n      createdBy\n      createdAt\n      tags {\n        key\n        value\n      }\n      model {\n        id\n        name\n      }\n      run {\n        runId\n        name\n      }\n      loggedModel {\n        modelId\n        name\n      }\n      copiedFrom {\n        version\n        model {\n          name\n        }\n      }\n      deployments(first: 50) {\n        nodes {\n          id\n          environment\n          target\n          isLive\n          startedAt\n          startedBy\n          endedAt\n        }\n      }\n    }\n  }\n':
    types.ModelVersionPageDocument,
  '\n  query VersionFiles($id: ID!, $after: String) {\n    modelVersion(id: $id) {\n      id\n      files(first: 100, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          path\n          sizeBytes\n          sha256\n          integrity\n          checkedAt\n          downloadUrl\n        }\n      }\n    }\n  }\n':
    types.VersionFilesDocument,
  '\n  mutation Deploy($input: DeployInput!) {\n    deploy(input: $input) {\n      __typename\n      ... on Deployment {\n        id\n        environment\n        target\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DeployDocument,
  '\n  query Targets {\n    deployments(first: 100) {\n      nodes {\n        id\n        environment\n        target\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n':
    types.TargetsDocument,
  '\n  mutation DeleteVersion($id: ID!) {\n    deleteVersion(id: $id) {\n      __typename\n      ... on ModelVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DeleteVersionDocument,
  '\n  mutation DescribeVersion($id: ID!, $description: String!) {\n    updateVersion(id: $id, description: $description) {\n      __typename\n      ... on ModelVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DescribeVersionDocument,
  '\n  query ModelPage($id: ID!) {\n    model(id: $id) {\n      id\n      ref\n      name\n      description\n      tags {\n        key\n        value\n      }\n      createdAt\n      updatedAt\n      versionCount\n      aliases {\n        alias\n        since\n        version {\n          id\n          version\n        }\n      }\n      latestVersion {\n        id\n        version\n      }\n    }\n  }\n':
    types.ModelPageDocument,
  '\n  query ModelVersions($id: ID!, $after: String) {\n    model(id: $id) {\n      id\n      versions(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          version\n          description\n          aliases\n          stage\n          digest\n          noDigestReason\n          integrity\n          fileCount\n          totalBytes\n          createdBy\n          createdAt\n          runEvidence\n          run {\n            runId\n            name\n          }\n          deployments(first: 10) {\n            nodes {\n              id\n              environment\n              target\n              isLive\n            }\n          }\n        }\n      }\n    }\n  }\n':
    types.ModelVersionsDocument,
  '\n  query AliasHistory($id: ID!, $after: String) {\n    model(id: $id) {\n      id\n      aliasHistory(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          alias\n          action\n          outcome\n          actor\n          reason\n          refusal\n          at\n          version {\n            version\n          }\n          previous {\n            version\n          }\n        }\n      }\n    }\n  }\n':
    types.AliasHistoryDocument,
  '\n  mutation UpdateModel($id: ID!, $name: String, $description: String) {\n    updateModel(id: $id, name: $name, description: $description) {\n      __typename\n      ... on RegisteredModel {\n        id\n        name\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.UpdateModelDocument,
  '\n  mutation DeleteModel($id: ID!) {\n    deleteModel(id: $id) {\n      __typename\n      ... on RegisteredModel {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DeleteModelDocument,
  '\n  mutation RemoveAlias($model: ID!, $alias: String!, $reason: String) {\n    removeAlias(model: $model, alias: $alias, reason: $reason) {\n      __typename\n      ... on RegisteredModel {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RemoveAliasDocument,
  '\n  query Models($search: String, $after: String) {\n    models(search: $search, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        description\n        versionCount\n        updatedAt\n        aliases {\n          alias\n          version {\n            version\n          }\n        }\n        latestVersion {\n          version\n          createdAt\n        }\n      }\n    }\n  }\n':
    types.ModelsDocument,
  '\n  query RunPage($id: ID!) {\n    run(id: $id) {\n      id\n      ref\n      runId\n      name\n      status\n      lifecycle\n      experiment {\n        experimentId\n        name\n      }\n      parent {\n        runId\n        name\n      }\n      children(first: 50) {\n        totalCount\n        nodes {\n          id\n          runId\n          name\n          status\n        }\n      }\n      user\n      startedAt\n      endedAt\n      durationMs\n      params {\n        key\n        value\n      }\n      metrics {\n        key\n        value\n        step\n        timestamp\n        min\n        max\n      }\n      pointCount\n      tags {\n        key\n        value\n      }\n      inputs {\n        id\n        name\n        digest\n        sourceType\n        source\n        schema\n        context\n        evidence\n        resolvedBy\n        datasetVersion {\n          id\n          number\n          integrity\n          checkedAt\n          retraction {\n            reason\n          }\n          dataset {\n            name\n          }\n        }\n      }\n      producedDatasets {\n        id\n        number\n        digest\n        dataset {\n          name\n        }\n      }\n      loggedModels {\n        id\n        modelId\n        name\n        modelType\n        status\n        createdAt\n        modelVersions {\n          id\n        }\n      }\n      modelVersions {\n        id\n        version\n        digest\n        aliases\n        integrity\n        model {\n          name\n        }\n      }\n      artifactUri\n      commit\n      source\n    }\n  }\n':
    types.RunPageDocument,
  '\n  mutation DeleteRun($id: ID!) {\n    deleteRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.DeleteRunDocument,
  '\n  mutation RestoreRun($id: ID!) {\n    restoreRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RestoreRunDocument,
  '\n  query Viewer {\n    viewer {\n      name\n      scope\n      isLocal\n      workspace {\n        name\n      }\n    }\n  }\n':
    types.ViewerDocument,
  '\n  query Tokens($after: String) {\n    tokens(first: 50, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        hint\n        principal\n        scope\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n    }\n  }\n':
    types.TokensDocument,
  '\n  mutation CreateToken($input: CreateTokenInput!) {\n    createToken(input: $input) {\n      __typename\n      ... on CreatedToken {\n        secret\n        token {\n          id\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.CreateTokenDocument,
  '\n  mutation RevokeToken($id: ID!) {\n    revokeToken(id: $id) {\n      __typename\n      ... on Token {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n':
    types.RevokeTokenDocument,
  '\n  mutation Collect($dryRun: Boolean!) {\n    collect(dryRun: $dryRun) {\n      dryRun\n      manifests\n      fileSets\n      blobs\n      objects\n      uploads\n      bytes\n    }\n  }\n':
    types.CollectDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  fragment Folder on ArtifactConnection {\n    nodes {\n      path\n      name\n      isFolder\n      sizeBytes\n      file {\n        path\n        sizeBytes\n        sha256\n        integrity\n        checkedAt\n        downloadUrl\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n',
): typeof import('./graphql.ts').FolderFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query RunFolder($id: ID!, $path: String!) {\n    run(id: $id) {\n      artifacts(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RunFolderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query LoggedModelFolder($id: ID!, $path: String!) {\n    loggedModel(id: $id) {\n      artifacts(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').LoggedModelFolderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query VersionFolder($id: ID!, $path: String!) {\n    datasetVersion(id: $id) {\n      entries(path: $path, first: 500) {\n        ...Folder\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').VersionFolderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query InputCandidates($search: String) {\n    datasets(search: $search, first: 20) {\n      nodes {\n        id\n        name\n        versions(first: 20) {\n          nodes {\n            id\n            number\n            digest\n            message\n            createdAt\n            retraction {\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').InputCandidatesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation ResolveInput($input: ID!, $datasetVersion: ID!) {\n    resolveInput(input: $input, datasetVersion: $datasetVersion) {\n      __typename\n      ... on DatasetInput {\n        id\n        name\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ResolveInputDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query MetricSeries($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {\n    metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) {\n      key\n      pointCount\n      buckets {\n        toStep\n        last\n        min\n        max\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').MetricSeriesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Search($text: String!, $runs: String!, $experiments: String!) {\n    experiments(filter: $experiments, first: 5) {\n      nodes {\n        experimentId\n        name\n        runCount\n      }\n    }\n    runs(filter: $runs, first: 6) {\n      nodes {\n        runId\n        name\n        experiment {\n          name\n        }\n      }\n    }\n    models(search: $text, first: 5) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n    datasets(search: $text, first: 5) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n    deployments(first: 50) {\n      nodes {\n        id\n        environment\n        target\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').SearchDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Promotion($version: ID!) {\n    modelVersion(id: $version) {\n      id\n      version\n      digest\n      noDigestReason\n      model {\n        id\n        name\n        aliases {\n          alias\n          since\n          version {\n            id\n            version\n            digest\n            run {\n              ...PromotedRun\n            }\n            deployments(first: 20) {\n              nodes {\n                id\n                environment\n                target\n                isLive\n              }\n            }\n          }\n        }\n      }\n      run {\n        ...PromotedRun\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').PromotionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  fragment PromotedRun on Run {\n    id\n    name\n    params {\n      key\n      value\n    }\n    metrics {\n      key\n      value\n    }\n    inputs {\n      name\n      datasetVersion {\n        number\n        dataset {\n          name\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').PromotedRunFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Promote($input: PromoteInput!) {\n    promote(input: $input) {\n      __typename\n      ... on ModelVersion {\n        id\n        version\n        aliases\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').PromoteDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Rail {\n    viewer {\n      name\n      workspace {\n        name\n      }\n    }\n    experiments(first: 1) {\n      totalCount\n    }\n    datasets(first: 1) {\n      totalCount\n    }\n    models(first: 1) {\n      totalCount\n    }\n    deployments(first: 1) {\n      totalCount\n    }\n  }\n',
): typeof import('./graphql.ts').RailDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query ModelNames {\n    models(first: 100) {\n      nodes {\n        name\n        versionCount\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ModelNamesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RegisterVersion($input: RegisterVersionInput!) {\n    registerVersion(input: $input) {\n      __typename\n      ... on ModelVersion {\n        id\n        version\n        model {\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RegisterVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query ExperimentRuns(\n    $id: ID!\n    $filter: String\n    $orderBy: [String!]\n    $view: LifecycleView\n    $metrics: [String!]\n    $params: [String!]\n    $after: String\n  ) {\n    experiment(id: $id) {\n      id\n      runs(filter: $filter, orderBy: $orderBy, view: $view, first: 100, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          runId\n          name\n          status\n          lifecycle\n          user\n          startedAt\n          durationMs\n          metrics(keys: $metrics) {\n            key\n            value\n            step\n            min\n            max\n          }\n          params(keys: $params) {\n            key\n            value\n          }\n          inputs {\n            id\n            name\n            datasetVersion {\n              id\n              number\n              dataset {\n                name\n              }\n            }\n          }\n          modelVersions {\n            id\n            version\n            aliases\n            model {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ExperimentRunsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Thread($id: ID!) {\n    thread(id: $id) {\n      data {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n      }\n      run {\n        id\n        kind\n        ref\n        label\n        detail\n      }\n      modelVersion {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        subject {\n          ... on ModelVersion {\n            aliases\n          }\n        }\n      }\n      deployments {\n        id\n        kind\n        ref\n        label\n        detail\n        subject {\n          ... on Deployment {\n            isLive\n            startedAt\n          }\n        }\n      }\n      edges {\n        from\n        to\n        evidence\n        relation\n      }\n      gaps {\n        node\n        kind\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ThreadDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Trace($id: ID!, $files: Int) {\n    traceDeployment(id: $id) {\n      deployment {\n        id\n      }\n      nodes {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n        subject {\n          __typename\n          ... on DatasetInput {\n            id\n            name\n            digest\n            source\n          }\n        }\n      }\n      edges {\n        from\n        to\n        relation\n        evidence\n        context\n      }\n      files(first: $files) {\n        path\n        sizeBytes\n        sha256\n        integrity\n        checkedAt\n        role\n        node\n      }\n      fileCount\n      integrity {\n        unchecked\n        intact\n        damaged\n        oldestCheckAt\n      }\n      verified\n      weakest {\n        from\n        to\n        relation\n        evidence\n      }\n      gaps {\n        node\n        kind\n        message\n        hint\n      }\n      truncated\n    }\n  }\n',
): typeof import('./graphql.ts').TraceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Verify($root: ID!) {\n    verify(root: $root) {\n      id\n    }\n  }\n',
): typeof import('./graphql.ts').VerifyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Verification($id: ID!) {\n    verification(id: $id) {\n      id\n      state\n      totalFiles\n      totalBytes\n      checkedFiles\n      checkedBytes\n      damagedFiles\n      error\n    }\n  }\n',
): typeof import('./graphql.ts').VerificationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RegisterUploaded($input: RegisterDatasetVersionInput!) {\n    registerDatasetVersion(input: $input) {\n      __typename\n      ... on DatasetVersion {\n        id\n        number\n        dataset {\n          id\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RegisterUploadedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Compare($filter: String!) {\n    runs(filter: $filter, view: ALL, first: 20) {\n      nodes {\n        id\n        runId\n        name\n        status\n        startedAt\n        durationMs\n        user\n        commit\n        experiment {\n          experimentId\n          name\n        }\n        params {\n          key\n          value\n        }\n        metrics {\n          key\n          value\n          step\n          min\n          max\n        }\n        inputs {\n          id\n          name\n          context\n          datasetVersion {\n            number\n            dataset {\n              name\n            }\n          }\n        }\n        modelVersions {\n          id\n          version\n          aliases\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').CompareDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query FindRuns($filter: String) {\n    runs(filter: $filter, first: 8) {\n      nodes {\n        id\n        runId\n        name\n        startedAt\n        experiment {\n          name\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').FindRunsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query DatasetDiff($from: ID!, $to: ID!, $after: String) {\n    datasetDiff(from: $from, to: $to, first: 200, after: $after) {\n      from {\n        number\n        digest\n      }\n      to {\n        number\n        digest\n      }\n      addedCount\n      removedCount\n      changedCount\n      unchangedCount\n      bytesDelta\n      differences {\n        path\n        change\n        before {\n          sizeBytes\n          sha256\n          downloadUrl\n        }\n        after {\n          sizeBytes\n          sha256\n          downloadUrl\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DatasetDiffDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query DatasetVersionPage($id: ID!) {\n    datasetVersion(id: $id) {\n      id\n      ref\n      number\n      digest\n      dvcMd5\n      message\n      tags\n      isCurrent\n      fileCount\n      totalBytes\n      integrity\n      checkedAt\n      createdBy\n      createdAt\n      dataset {\n        id\n        name\n        versionCount\n        current {\n          id\n          number\n        }\n        tags {\n          name\n          version {\n            id\n          }\n        }\n      }\n      derivedFrom {\n        id\n        number\n        dataset {\n          name\n        }\n      }\n      derivatives {\n        id\n        number\n        dataset {\n          name\n        }\n      }\n      producedBy {\n        runId\n        name\n      }\n      sightings {\n        repository\n        path\n        commit\n        actor\n        seenAt\n      }\n      retraction {\n        reason\n        actor\n        at\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DatasetVersionPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query UsedBy($id: ID!, $after: String) {\n    datasetVersion(id: $id) {\n      id\n      usedBy(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          context\n          evidence\n          loggedAt\n          run {\n            runId\n            name\n            status\n            experiment {\n              experimentId\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').UsedByDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Retract($version: ID!, $reason: String!) {\n    retractDatasetVersion(version: $version, reason: $reason) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RetractDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Reinstate($version: ID!, $reason: String!) {\n    reinstateDatasetVersion(version: $version, reason: $reason) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ReinstateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation TagVersion($version: ID!, $tag: String!) {\n    tagDatasetVersion(version: $version, tag: $tag) {\n      __typename\n      ... on DatasetVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').TagVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Untag($dataset: ID!, $tag: String!) {\n    untagDataset(dataset: $dataset, tag: $tag) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').UntagDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query DatasetPage($id: ID!) {\n    dataset(id: $id) {\n      id\n      ref\n      name\n      description\n      createdAt\n      versionCount\n      current {\n        id\n        number\n      }\n      tags {\n        name\n        since\n        version {\n          number\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DatasetPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query DatasetVersions($id: ID!, $after: String) {\n    dataset(id: $id) {\n      id\n      versions(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          number\n          digest\n          message\n          tags\n          isCurrent\n          fileCount\n          totalBytes\n          integrity\n          checkedAt\n          createdBy\n          createdAt\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DatasetVersionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation UpdateDataset($id: ID!, $description: String!) {\n    updateDataset(id: $id, description: $description) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').UpdateDatasetDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation DeleteDataset($id: ID!) {\n    deleteDataset(id: $id) {\n      __typename\n      ... on Dataset {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeleteDatasetDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation SetCurrentVersion($version: ID!) {\n    setCurrentVersion(version: $version) {\n      __typename\n      ... on Dataset {\n        id\n        current {\n          number\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').SetCurrentVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Datasets($search: String, $after: String) {\n    datasets(search: $search, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        description\n        versionCount\n        current {\n          number\n          digest\n          fileCount\n          totalBytes\n          integrity\n          checkedAt\n          createdAt\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DatasetsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query DeploymentHistory($environment: String!, $after: String) {\n    deployments(environment: $environment, ended: true, first: 200, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        environment\n        target\n        digest\n        isLive\n        startedAt\n        startedBy\n        reason\n        endedAt\n        endedBy\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeploymentHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  fragment DeploymentFacts on Deployment {\n    id\n    ref\n    environment\n    target\n    digest\n    isLive\n    startedAt\n    startedBy\n    reason\n    endedAt\n    endedBy\n    modelVersion {\n      id\n      version\n      aliases\n      model {\n        id\n        name\n      }\n    }\n    previous {\n      id\n      modelVersion {\n        version\n        model {\n          name\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeploymentFactsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query DeploymentPage($id: ID!) {\n    deployment(id: $id) {\n      ...DeploymentFacts\n    }\n  }\n',
): typeof import('./graphql.ts').DeploymentPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RollBack($deployment: ID!, $reason: String) {\n    rollBack(deployment: $deployment, reason: $reason) {\n      __typename\n      ... on Deployment {\n        id\n        environment\n        target\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RollBackDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation EndDeployment($id: ID!, $reason: String) {\n    endDeployment(id: $id, reason: $reason) {\n      __typename\n      ... on Deployment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').EndDeploymentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Deployments($environment: String, $ended: Boolean!, $after: String) {\n    deployments(environment: $environment, ended: $ended, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        environment\n        target\n        digest\n        isLive\n        startedAt\n        startedBy\n        endedAt\n        modelVersion {\n          version\n          aliases\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeploymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query ExperimentPage($id: ID!) {\n    experiment(id: $id) {\n      id\n      ref\n      experimentId\n      name\n      artifactLocation\n      lifecycle\n      tags {\n        key\n        value\n      }\n      createdAt\n      updatedAt\n      runCount\n      metricKeys\n      paramKeys\n    }\n  }\n',
): typeof import('./graphql.ts').ExperimentPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RenameExperiment($id: ID!, $name: String!) {\n    renameExperiment(id: $id, name: $name) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RenameExperimentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation DeleteExperiment($id: ID!) {\n    deleteExperiment(id: $id) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeleteExperimentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RestoreExperiment($id: ID!) {\n    restoreExperiment(id: $id) {\n      __typename\n      ... on Experiment {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RestoreExperimentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Experiments($filter: String, $view: LifecycleView, $after: String) {\n    experiments(filter: $filter, view: $view, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        experimentId\n        name\n        lifecycle\n        runCount\n        createdAt\n        updatedAt\n        tags {\n          key\n          value\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ExperimentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Home {\n    deployments(first: 8) {\n      totalCount\n      nodes {\n        id\n        environment\n        target\n        startedAt\n        startedBy\n        modelVersion {\n          version\n          digest\n          model {\n            name\n          }\n        }\n      }\n    }\n    runs(orderBy: ["attributes.start_time DESC"], first: 10) {\n      totalCount\n      nodes {\n        id\n        runId\n        name\n        status\n        startedAt\n        experiment {\n          experimentId\n          name\n        }\n        modelVersions {\n          id\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n    models(first: 6) {\n      nodes {\n        id\n        name\n        versionCount\n        updatedAt\n        latestVersion {\n          version\n          digest\n          createdAt\n          aliases\n          integrity\n        }\n      }\n    }\n    datasets(first: 6) {\n      nodes {\n        id\n        name\n        versionCount\n        current {\n          number\n          digest\n          createdAt\n          integrity\n          retraction {\n            reason\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').HomeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Verdict($id: ID!) {\n    traceDeployment(id: $id) {\n      verified\n      fileCount\n      integrity {\n        unchecked\n        intact\n        damaged\n        oldestCheckAt\n      }\n      weakest {\n        evidence\n      }\n      gaps {\n        message\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').VerdictDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query LineagePage($root: ID!, $direction: LineageDirection!, $depth: Int) {\n    lineage(root: $root, direction: $direction, depth: $depth) {\n      root\n      nodes {\n        id\n        kind\n        ref\n        label\n        detail\n        integrity\n        checkedAt\n        retraction\n      }\n      edges {\n        from\n        to\n        relation\n        evidence\n        context\n        recordedAt\n      }\n      truncated\n      cyclic\n    }\n  }\n',
): typeof import('./graphql.ts').LineagePageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query LineageStarts {\n    deployments(first: 10) {\n      nodes {\n        id\n        environment\n        target\n      }\n    }\n    datasets(first: 10) {\n      nodes {\n        id\n        name\n        current {\n          id\n          number\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').LineageStartsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query LoggedModelPage($id: ID!) {\n    loggedModel(id: $id) {\n      id\n      ref\n      modelId\n      name\n      modelType\n      status\n      createdAt\n      sourceRunEvidence\n      experiment {\n        experimentId\n        name\n      }\n      sourceRun {\n        id\n        runId\n        name\n      }\n      params {\n        key\n        value\n      }\n      tags {\n        key\n        value\n      }\n      modelVersions {\n        id\n        version\n        digest\n        aliases\n        model {\n          name\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').LoggedModelPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query ModelVersionPage($id: ID!) {\n    modelVersion(id: $id) {\n      id\n      ref\n      version\n      description\n      aliases\n      stage\n      source\n      digest\n      noDigestReason\n      fileCount\n      totalBytes\n      integrity\n      runEvidence\n      createdBy\n      createdAt\n      tags {\n        key\n        value\n      }\n      model {\n        id\n        name\n      }\n      run {\n        runId\n        name\n      }\n      loggedModel {\n        modelId\n        name\n      }\n      copiedFrom {\n        version\n        model {\n          name\n        }\n      }\n      deployments(first: 50) {\n        nodes {\n          id\n          environment\n          target\n          isLive\n          startedAt\n          startedBy\n          endedAt\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ModelVersionPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query VersionFiles($id: ID!, $after: String) {\n    modelVersion(id: $id) {\n      id\n      files(first: 100, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          path\n          sizeBytes\n          sha256\n          integrity\n          checkedAt\n          downloadUrl\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').VersionFilesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Deploy($input: DeployInput!) {\n    deploy(input: $input) {\n      __typename\n      ... on Deployment {\n        id\n        environment\n        target\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeployDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Targets {\n    deployments(first: 100) {\n      nodes {\n        id\n        environment\n        target\n        modelVersion {\n          version\n          model {\n            name\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').TargetsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation DeleteVersion($id: ID!) {\n    deleteVersion(id: $id) {\n      __typename\n      ... on ModelVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeleteVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation DescribeVersion($id: ID!, $description: String!) {\n    updateVersion(id: $id, description: $description) {\n      __typename\n      ... on ModelVersion {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DescribeVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query ModelPage($id: ID!) {\n    model(id: $id) {\n      id\n      ref\n      name\n      description\n      tags {\n        key\n        value\n      }\n      createdAt\n      updatedAt\n      versionCount\n      aliases {\n        alias\n        since\n        version {\n          id\n          version\n        }\n      }\n      latestVersion {\n        id\n        version\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ModelPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query ModelVersions($id: ID!, $after: String) {\n    model(id: $id) {\n      id\n      versions(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          id\n          version\n          description\n          aliases\n          stage\n          digest\n          noDigestReason\n          integrity\n          fileCount\n          totalBytes\n          createdBy\n          createdAt\n          runEvidence\n          run {\n            runId\n            name\n          }\n          deployments(first: 10) {\n            nodes {\n              id\n              environment\n              target\n              isLive\n            }\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ModelVersionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query AliasHistory($id: ID!, $after: String) {\n    model(id: $id) {\n      id\n      aliasHistory(first: 50, after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          alias\n          action\n          outcome\n          actor\n          reason\n          refusal\n          at\n          version {\n            version\n          }\n          previous {\n            version\n          }\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').AliasHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation UpdateModel($id: ID!, $name: String, $description: String) {\n    updateModel(id: $id, name: $name, description: $description) {\n      __typename\n      ... on RegisteredModel {\n        id\n        name\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').UpdateModelDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation DeleteModel($id: ID!) {\n    deleteModel(id: $id) {\n      __typename\n      ... on RegisteredModel {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeleteModelDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RemoveAlias($model: ID!, $alias: String!, $reason: String) {\n    removeAlias(model: $model, alias: $alias, reason: $reason) {\n      __typename\n      ... on RegisteredModel {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RemoveAliasDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Models($search: String, $after: String) {\n    models(search: $search, first: 50, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        description\n        versionCount\n        updatedAt\n        aliases {\n          alias\n          version {\n            version\n          }\n        }\n        latestVersion {\n          version\n          createdAt\n        }\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ModelsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query RunPage($id: ID!) {\n    run(id: $id) {\n      id\n      ref\n      runId\n      name\n      status\n      lifecycle\n      experiment {\n        experimentId\n        name\n      }\n      parent {\n        runId\n        name\n      }\n      children(first: 50) {\n        totalCount\n        nodes {\n          id\n          runId\n          name\n          status\n        }\n      }\n      user\n      startedAt\n      endedAt\n      durationMs\n      params {\n        key\n        value\n      }\n      metrics {\n        key\n        value\n        step\n        timestamp\n        min\n        max\n      }\n      pointCount\n      tags {\n        key\n        value\n      }\n      inputs {\n        id\n        name\n        digest\n        sourceType\n        source\n        schema\n        context\n        evidence\n        resolvedBy\n        datasetVersion {\n          id\n          number\n          integrity\n          checkedAt\n          retraction {\n            reason\n          }\n          dataset {\n            name\n          }\n        }\n      }\n      producedDatasets {\n        id\n        number\n        digest\n        dataset {\n          name\n        }\n      }\n      loggedModels {\n        id\n        modelId\n        name\n        modelType\n        status\n        createdAt\n        modelVersions {\n          id\n        }\n      }\n      modelVersions {\n        id\n        version\n        digest\n        aliases\n        integrity\n        model {\n          name\n        }\n      }\n      artifactUri\n      commit\n      source\n    }\n  }\n',
): typeof import('./graphql.ts').RunPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation DeleteRun($id: ID!) {\n    deleteRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').DeleteRunDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RestoreRun($id: ID!) {\n    restoreRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RestoreRunDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Viewer {\n    viewer {\n      name\n      scope\n      isLocal\n      workspace {\n        name\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').ViewerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  query Tokens($after: String) {\n    tokens(first: 50, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        name\n        hint\n        principal\n        scope\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').TokensDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation CreateToken($input: CreateTokenInput!) {\n    createToken(input: $input) {\n      __typename\n      ... on CreatedToken {\n        secret\n        token {\n          id\n          name\n        }\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').CreateTokenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation RevokeToken($id: ID!) {\n    revokeToken(id: $id) {\n      __typename\n      ... on Token {\n        id\n      }\n      ... on Problem {\n        kind\n        code\n        message\n        hint\n      }\n    }\n  }\n',
): typeof import('./graphql.ts').RevokeTokenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(
  source: '\n  mutation Collect($dryRun: Boolean!) {\n    collect(dryRun: $dryRun) {\n      dryRun\n      manifests\n      fileSets\n      blobs\n      objects\n      uploads\n      bytes\n    }\n  }\n',
): typeof import('./graphql.ts').CollectDocument;

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
